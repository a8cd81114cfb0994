"""A second verifier, written from docs/protocol.md alone; it shares no line with the program.

Usage: verify.py outlet FILE [--keys KEYS]    a conversation: batches as `GET log` gives them, each
                                              followed by {"receipt": RECEIPT} where there is one,
                                              with {"chain": TEXT} where keys were told beside it
       verify.py receipt FILE [--keys KEYS]   an exported receipt proof
       verify.py record FILE [--keys KEYS]    an exported record

KEYS holds lines `NODE KEY`. Without it an outlet or a record cannot be verified, only a receipt
proof and a record that name their keys, and then it says that the keys are claimed.
Exit 0 when everything holds, 1 when something does not (each finding a line), 2 for a wrong call.
"""

import base64
import hashlib
import json
import sys
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEYS_OF = uuid.UUID("1b7e94c0-52d8-4f36-8ea1-7c03d965b24f")
RECORD_TYPE = b"application/vnd.entente.record.v1"
RECEIPT_TYPE = b"application/vnd.entente.receipt.v1"


class Wrong(Exception):
    """Something does not hold."""


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase(text):
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Wrong("not base64") from error


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def signed(key, signature, payload):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, payload)
        return True
    except (InvalidSignature, ValueError):
        return False


def node_of(key):
    return sha(key)[:16].hex()


class Keys:
    """What counts of one node: its keys, newest first, each with the instant that ended it."""

    def __init__(self, counting, chain=()):
        self.counting = counting
        self.chain = list(chain)

    def all(self):
        return [key for key, _ in self.counting]

    def proving(self, signed_at):
        """Section 17: the newest, and a former one whose end is not before the instant."""
        return [key for key, until in self.counting if until is None or signed_at <= until]


def first_alone(key):
    return Keys([(key, None)])


def pinned(path):
    keys = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and not words[0].startswith("#"):
                node, key = words[0], bytes.fromhex(words[1])
                if node_of(key) != node:
                    raise Wrong(f"the key pinned for {node} is another node's")
                keys[node] = first_alone(key)
    return keys


def keys_for(keys, node):
    if node not in keys:
        raise Wrong(f"no key of node {node} is pinned")
    return keys[node]


def key_for(keys, node):
    """What is tried, newest first: the key, and after a chain those before it that still count."""
    return keys_for(keys, node).all()


def by_any(tried, check):
    """What the check gives under the first of these keys that it holds for."""
    for key in tried[:-1]:
        try:
            return check(key)
        except Wrong:
            pass
    return check(tried[-1])


# Section 17: statements of keys, each vouched for by the key before or by the recovery key.


def statement(block):
    """One statement: its fields, the text that is signed, and the signatures below it."""
    lines = block.splitlines()
    said, text, at = {"was": {}, "revoked": {}}, lines[0] + "\n", 1
    while at < len(lines) and not lines[at].startswith("sig "):
        name, _, value = lines[at].partition(" ")
        text += lines[at] + "\n"
        if name in ("was", "revoked"):
            key, _, end = value.partition(" ")
            said[name][key] = end.partition(" ")[2]
        elif name in said:
            raise Wrong("a line stands in a statement twice")
        else:
            said[name] = value
        at += 1
    below = dict(line.split(" ", 1) for line in lines[at:])
    if "sig" not in below:
        raise Wrong("a statement of keys is not signed")
    return said, text, below


def succeeds(said, before):
    """What may follow a statement; who may say so is checked beside."""
    if before["revoked"].items() - said["revoked"].items():
        raise Wrong("a statement forgets a revoked key")
    for key, end in before["was"].items():
        if said["was"].get(key) != end and key not in said["revoked"]:
            raise Wrong("a statement forgets a key")
    ended = {**before["was"], **before["revoked"]}
    if said["key"] != before["key"]:
        if said["key"] in ended:
            raise Wrong("a key comes back")
        ended[before["key"]] = None
    both = said["was"].keys() & said["revoked"].keys()
    if both or said["was"].keys() | said["revoked"].keys() != ended.keys():
        raise Wrong("a statement forgets a key, or makes one up")
    recovery = before.get("recovery")
    if recovery not in (None, said["by"], said.get("recovery")):
        raise Wrong("the recovery key is changed by another")


def blocks_of(chain):
    form = "entente/keys/1\n"
    blocks = [form + block for block in chain.split(form)]
    if blocks[0] != form or len(blocks) < 2:
        raise Wrong("not a chain of keys")
    return blocks[1:]


def check_chain(chain):
    """Its statements, each checked; the first key is the one that the node's id is made of."""
    before, all_said = None, []
    for number, block in enumerate(blocks_of(chain), 1):
        said, text, below = statement(block)
        if int(said["number"]) != number or before and said["node"] != before["node"]:
            raise Wrong("a statement of keys is missing")
        if before is None:
            if node_of(bytes.fromhex(said["key"])) != said["node"] or said["was"] or said["revoked"]:
                raise Wrong("the chain does not begin with its node's first key")
            may = [said["key"]]
        else:
            may = [before["key"], before.get("recovery")]
            if said["by"] in before["revoked"]:
                raise Wrong("keys are stated by a revoked key")
            succeeds(said, before)
        if said["by"] not in may:
            raise Wrong("keys are stated by who may not")
        sealed = pae(b"application/vnd.entente.keys.v1", text.encode())
        if not signed(bytes.fromhex(said["by"]), bytes.fromhex(below["sig"]), sealed):
            raise Wrong("a statement of keys is not signed by its key")
        if said["by"] != said["key"]:
            own = bytes.fromhex(below.get("own", ""))
            if not signed(bytes.fromhex(said["key"]), own, sealed):
                raise Wrong("a stated key has not signed")
        before = said
        all_said.append(said)
    return all_said


def follow(keys, chain):
    """Believes a chain of a node whose first key is pinned, where it goes on from what is known."""
    all_said, blocks = check_chain(chain), blocks_of(chain)
    last = all_said[-1]
    held = keys_for(keys, last["node"]).chain
    same = 0
    while same < min(len(held), len(blocks)) and held[same] == blocks[same]:
        same += 1
    if same == len(blocks):
        return last["node"]
    if same < len(held):
        # They contradict: only the recovery key that both know outranks what was heard first.
        recovery = all_said[same - 1].get("recovery") if same else None
        theirs, ours = statement(held[same])[0]["by"], all_said[same]["by"]
        if recovery is None or ours != recovery or theirs == recovery:
            raise Wrong("another chain of keys was told before")
    former = [(key, end) for key, end in reversed(list(last["was"].items()))]
    counting = [(last["key"], None)] + former
    keys[last["node"]] = Keys([(bytes.fromhex(key), end) for key, end in counting], blocks)
    return last["node"]


def followed(keys, chains):
    keys = dict(keys)
    for chain in chains:
        follow(keys, chain)
    return keys


# Section 5: the tree of RFC 6962, grown leaf by leaf as the roots of its perfect subtrees.


def leaf_hash(leaf):
    return sha(b"\x00", leaf)


def node_hash(left, right):
    return sha(b"\x01", left, right)


class Tree:
    def __init__(self):
        self.peaks = []
        self.size = 0

    def push(self, leaf):
        level, value = 0, leaf_hash(leaf)
        while self.peaks and self.peaks[-1][0] == level:
            value = node_hash(self.peaks.pop()[1], value)
            level += 1
        self.peaks.append((level, value))
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha(b"")
        value = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            value = node_hash(left, value)
        return value


def root_by_path(leaf, index, size, path):
    """RFC 6962 §2.1.1, walked from the root's side: which half of the tree the leaf is in."""

    def climb(index, size, path):
        if size == 1:
            if path:
                raise Wrong("the path is too long")
            return leaf_hash(leaf)
        if not path:
            raise Wrong("the path is too short")
        half = 1
        while half * 2 < size:
            half *= 2
        if index < half:
            return node_hash(climb(index, half, path[:-1]), path[-1])
        return node_hash(path[-1], climb(index - half, size - half, path[:-1]))

    if not 0 <= index < size:
        raise Wrong("the number is beyond the checkpoint")
    return climb(index, size, path)


# Section 5: checkpoints and receipts.


def note(text):
    """The three lines that are signed, and the signatures' bytes."""
    body, sep, tail = text.partition("\n\n")
    lines = body.split("\n")
    if not sep or len(lines) != 3:
        raise Wrong("not a signed checkpoint")
    signatures = []
    for line in tail.splitlines():
        if line.startswith("\u2014 "):
            signatures.append(unbase(line.rsplit(" ", 1)[1]))
    return body + "\n", (lines[0], int(lines[1]), unbase(lines[2])), signatures


def checkpoint(text, key):
    body, head, signatures = note(text)
    identity = sha(b"\n\x01", key)[:4]
    for signature in signatures:
        if signature[:4] == identity and signed(key, signature[4:], body.encode()):
            return head
    raise Wrong("the checkpoint is not signed by the sender")


def cosigned(text, key):
    body, head, signatures = note(text)
    identity = sha(b"\n\x04", key)[:4]
    for signature in signatures:
        if signature[:4] != identity or len(signature) != 4 + 8 + 64:
            continue
        time = int.from_bytes(signature[4:12], "big")
        payload = f"cosignature/v1\ntime {time}\n{body}".encode()
        if signed(key, signature[12:], payload):
            return head, time
    raise Wrong("the receipt is not cosigned by the receiver")


def receipt_of(receipt, key):
    """The checkpoint that a receipt is over, its time, and its refusals."""
    head, time = cosigned(receipt["checkpoint"], key)
    refused = receipt.get("refused", [])
    results = "".join(f"{entry['o']} {entry['reason']}\n" for entry in refused)
    payload = receipt["checkpoint"].encode() + b"\n" + results.encode()
    if not signed(key, unbase(receipt["sig"]), pae(RECEIPT_TYPE, payload)):
        raise Wrong("the results are not signed by the receiver")
    return head, time, {entry["o"]: entry["reason"] for entry in refused}


def parties(origin):
    parts = origin.split("/")
    if len(parts) != 4 or parts[0] != "entente":
        raise Wrong("the checkpoint names no link")
    return parts[1], parts[2]


# Section 3: records.


def header(text):
    lines = text.split("\n")
    if lines[0] != "entente/record/1" or lines[-1] != "":
        raise Wrong("the header follows no known form")
    return dict(line.partition(" ")[::2] for line in lines[1:-1])


def body_of(record, encoded):
    if "body" in record:
        return record["body"].encode()
    return unbase(record[encoded])


def check_record(head, body, salt, signature, keys):
    """The record's leaf, once its signature holds."""
    sealed = head.encode() + b"\n" + body
    said = header(head)
    tried = keys_for(keys, said["signer"]).proving(said["signed"])
    if not any(signed(key, signature, pae(RECORD_TYPE, sealed)) for key in tried):
        raise Wrong("the record's signature does not hold")
    return sha(salt, sealed)


def verify_record(proof, keys):
    if keys is None:
        key = bytes.fromhex(proof["key"])
        keys = {node_of(key): first_alone(key)}
    keys = followed(keys, [proof["chain"]] if "chain" in proof else [])
    body = body_of(proof, "body_base64")
    salt, signature = unbase(proof["salt"]), unbase(proof["signature"])
    leaf = check_record(proof["head"], body, salt, signature, keys)
    if leaf.hex() != proof["leaf"]:
        raise Wrong("the leaf does not fit")
    if sha(proof["head"].encode(), b"\n", body).hex() != proof["digest"]:
        raise Wrong("the digest does not fit")
    return leaf


def verify_receipt(proof, keys):
    if proof.get("form") != "entente/receipt-proof/1":
        raise Wrong("not a receipt proof")
    if keys is None:
        keys = {}
        for node, named in proof["keys"].items():
            for key in map(bytes.fromhex, named):
                if node_of(key) != node:
                    raise Wrong("a key is another node's")
                keys[node] = first_alone(key)
    keys = followed(keys, proof.get("chains", []))
    sender, receiver = parties(proof["origin"])
    ours = by_any(key_for(keys, sender), lambda key: checkpoint(proof["checkpoint"], key))
    theirs, time, refused = by_any(
        key_for(keys, receiver), lambda key: receipt_of(proof["receipt"], key)
    )
    if ours != theirs or ours[:2] != (proof["origin"], proof["size"]):
        raise Wrong("checkpoint and receipt belong to different outlets")
    leaf, path = bytes.fromhex(proof["leaf"]), [bytes.fromhex(hash) for hash in proof["path"]]
    if root_by_path(leaf, proof["number"], proof["size"], path) != ours[2]:
        raise Wrong("the path does not lead to the root")
    if "record" in proof and verify_record(proof["record"], keys) != leaf:
        raise Wrong("the record is another")
    fate = refused.get(proof["number"])
    print(f"given by {sender} to {receiver}, {'refused: ' + fate if fate else 'applied'}, at {time}")


def check_keys(said, node):
    digest = hashlib.sha1(KEYS_OF.bytes + bytes.fromhex(node)).digest()
    thing = uuid.UUID(bytes=digest[:16], version=5)
    if said["signer"] != node or said["thing"] != str(thing):
        raise Wrong("a record brings the keys of another node")


def verify_outlet(lines, keys):
    """Walks a conversation from its first entry; the tree tells drops, changes and swaps apart
    from what was sent, the receipts tell what the receiver said."""
    if keys is None:
        raise Wrong("an outlet is verified with pinned keys only")
    keys = dict(keys)
    tree, entries, last, receipts, findings = Tree(), 0, None, 0, []
    first = 0
    for place, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
            if "chain" in value:
                follow(keys, value["chain"])
            elif "receipt" in value:
                if last is None:
                    raise Wrong("a receipt before any checkpoint")
                _, receiver = parties(last[0])
                head, _, refused = by_any(
                    key_for(keys, receiver), lambda key: receipt_of(value["receipt"], key)
                )
                if head != last:
                    raise Wrong("the receipt is over another checkpoint")
                if any(not first <= number < head[1] for number in refused):
                    raise Wrong("a refusal of an entry that is not in the batch")
                receipts += 1
            elif "checkpoint" in value:
                origin = note(value["checkpoint"])[1][0]
                sender = key_for(keys, parties(origin)[0])
                head = by_any(sender, lambda key: checkpoint(value["checkpoint"], key))
                if last is not None and head[0] != last[0]:
                    raise Wrong("the checkpoint belongs to another outlet")
                if head[1] != tree.size:
                    raise Wrong(f"the checkpoint counts {head[1]} entries, here are {tree.size}")
                if head[2] != tree.root():
                    raise Wrong("the entries do not lead to the checkpoint's root")
                first, last = (last[1] if last else 0), head
            else:
                if value["o"] != tree.size:
                    raise Wrong(f"number {value['o']} where {tree.size} is next")
                if "gone" in value:
                    leaf = bytes.fromhex(value["gone"])
                else:
                    leaf = None
                    sealed = value["head"].encode() + b"\n" + body_of(value, "b64")
                    leaf = sha(unbase(value["salt"]), sealed)
                tree.push(leaf)
                entries += 1
                if "gone" not in value:
                    body, salt = body_of(value, "b64"), unbase(value["salt"])
                    said = header(value["head"])
                    if said["kind"] == "entente/keys" and said["signer"] in keys:
                        # Its body proves the key that signed it.
                        check_keys(said, follow(keys, body.decode()))
                    check_record(value["head"], body, salt, unbase(value["sig"]), keys)
        except (Wrong, KeyError, ValueError) as error:
            findings.append(f"line {place}: {error}")
    if last is None or last[1] != tree.size:
        findings.append("the last entries are under no checkpoint")
    if findings:
        raise Wrong("\n".join(findings[:20]))
    print(f"{entries} entries, {receipts} receipts: as they were signed on both sides")


def main():
    arguments = sys.argv[1:]
    keys = None
    if "--keys" in arguments:
        at = arguments.index("--keys")
        keys = pinned(arguments[at + 1])
        del arguments[at : at + 2]
    if len(arguments) != 2 or arguments[0] not in ("outlet", "receipt", "record"):
        print(__doc__, file=sys.stderr)
        return 2
    verb, path = arguments
    try:
        with open(path, encoding="utf-8", newline="") as file:
            if verb == "outlet":
                verify_outlet([line for line in file.read().split("\n") if line], keys)
            else:
                proof = json.load(file)
                {"receipt": verify_receipt, "record": verify_record}[verb](proof, keys)
                if keys is None:
                    print("the keys are those that the file names")
    except (Wrong, KeyError, ValueError) as error:
        print(error)
        return 1
    return 0


sys.exit(main())
