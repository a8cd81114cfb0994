"""A second verifier, written from docs/protocol.md alone; it shares no line with the program.

Usage: verify.py outlet FILE [--keys KEYS]    a conversation: batches as `GET log` gives them, each
                                              followed by {"receipt": RECEIPT} where there is one
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

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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


def pinned(path):
    keys = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and not words[0].startswith("#"):
                node, key = words[0], bytes.fromhex(words[1])
                if node_of(key) != node:
                    raise Wrong(f"the key pinned for {node} is another node's")
                keys[node] = key
    return keys


def key_for(keys, node):
    """What is tried, newest first: the key, and after a chain those before it that still count."""
    if node not in keys:
        raise Wrong(f"no key of node {node} is pinned")
    known = keys[node]
    return known if isinstance(known, list) else [known]


def by_any(tried, check):
    """What the check gives under the first of these keys that it holds for."""
    for key in tried[:-1]:
        try:
            return check(key)
        except Wrong:
            pass
    return check(tried[-1])


# Section 17: statements of keys, each vouched for by the key before or by the recovery key.


def statement(lines):
    """One statement: its text, its fields, and the signatures below it."""
    if next(lines, None) != "entente/keys/1":
        raise Wrong("not a statement of keys")
    said, text = {"was": [], "revoked": []}, "entente/keys/1\n"
    for line in lines:
        name, _, value = line.partition(" ")
        if name == "sig":
            return said, text, value
        text += line + "\n"
        if name in ("was", "revoked"):
            said[name].append(value.split(" ")[0])
        elif name in said:
            raise Wrong("a line stands in a statement twice")
        else:
            said[name] = value
    raise Wrong("a statement of keys is not signed")


def follow(keys, chain):
    """The keys that a chain leads to, from the first one that is pinned; another's chain is nothing."""
    blocks = [block for block in chain.split("entente/keys/1\n") if block]
    before = None
    for number, block in enumerate(blocks, 1):
        lines = iter(("entente/keys/1\n" + block).splitlines())
        said, text, signature = statement(lines)
        own = next((line[4:] for line in lines if line.startswith("own ")), None)
        if before is None and key_for(keys, said["node"])[-1].hex() != said["key"]:
            raise Wrong("the chain does not begin with the pinned key")
        if int(said["number"]) != number or before and said["node"] != before["node"]:
            raise Wrong("a statement of keys is missing")
        may = [said["key"]] if before is None else [before["key"], before.get("recovery")]
        if said["by"] not in may or before and said["by"] in before["revoked"]:
            raise Wrong("keys are stated by who may not")
        if before:
            ended = before["was"] + before["revoked"]
            if said["key"] != before["key"]:
                ended.append(before["key"])
                if said["key"] in ended:
                    raise Wrong("a key comes back")
            if sorted(ended) != sorted(said["was"] + said["revoked"]) or not set(
                before["revoked"]
            ) <= set(said["revoked"]):
                raise Wrong("a statement forgets a key")
            if said["by"] != before.get("recovery") and before.get("recovery") not in (
                None,
                said.get("recovery"),
            ):
                raise Wrong("the recovery key is changed by another")
        sealed = pae(b"application/vnd.entente.keys.v1", text.encode())
        if not signed(bytes.fromhex(said["by"]), bytes.fromhex(signature), sealed):
            raise Wrong("a statement of keys is not signed by its key")
        if said["by"] != said["key"]:
            if not own or not signed(bytes.fromhex(said["key"]), bytes.fromhex(own), sealed):
                raise Wrong("a stated key has not signed")
        before = said
    counting = [before["key"]] + before["was"][::-1]
    return before["node"], [bytes.fromhex(key) for key in counting]


def followed(keys, chains):
    keys = dict(keys)
    for chain in chains:
        node, counting = follow(keys, chain)
        keys[node] = counting
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
    tried = key_for(keys, header(head)["signer"])
    if not any(signed(key, signature, pae(RECORD_TYPE, sealed)) for key in tried):
        raise Wrong("the record's signature does not hold")
    return sha(salt, sealed)


def verify_record(proof, keys):
    if keys is None:
        key = bytes.fromhex(proof["key"])
        keys = {node_of(key): key}
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
                keys[node] = key
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


def verify_outlet(lines, keys):
    """Walks a conversation from its first entry; the tree tells drops, changes and swaps apart
    from what was sent, the receipts tell what the receiver said."""
    if keys is None:
        raise Wrong("an outlet is verified with pinned keys only")
    tree, entries, last, receipts, findings = Tree(), 0, None, 0, []
    first = 0
    for place, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
            if "receipt" in value:
                if last is None:
                    raise Wrong("a receipt before any checkpoint")
                _, receiver = parties(last[0])
                head, _, refused = receipt_of(value["receipt"], key_for(keys, receiver)[0])
                if head != last:
                    raise Wrong("the receipt is over another checkpoint")
                if any(not first <= number < head[1] for number in refused):
                    raise Wrong("a refusal of an entry that is not in the batch")
                receipts += 1
            elif "checkpoint" in value:
                origin = note(value["checkpoint"])[1][0]
                head = checkpoint(value["checkpoint"], key_for(keys, parties(origin)[0])[0])
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
