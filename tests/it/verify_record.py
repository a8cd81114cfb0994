"""Checks one exported record from the documented form alone; it shares no line with the program.

A record's sealed bytes are its header's text, a newline (which makes an empty line), and the body.
digest = SHA-256(sealed), leaf = SHA-256(salt || sealed), and the signature is DSSE over the sealed
bytes with Ed25519. A node's id is the first half of SHA-256 over its key.

Usage: verify_record.py check FILE            exit 0 when everything holds, 1 when it doesn't
       verify_record.py fit FILE              prints the record with digest and leaf made to fit
       verify_record.py forge FILE            prints the record signed with a key of one's own
       verify_record.py spoil STORE NUMBER    changes one byte of a stored record
"""

import base64
import hashlib
import json
import sqlite3
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = b"application/vnd.entente.record.v1"


def pae(payload):
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE, len(payload), payload)


def sealed(record):
    if "body" in record:
        body = record["body"].encode()
    else:
        body = base64.b64decode(record["body_base64"])
    return record["head"].encode() + b"\n" + body


def sums(record):
    payload, salt = sealed(record), base64.b64decode(record["salt"])
    return hashlib.sha256(payload).hexdigest(), hashlib.sha256(salt + payload).hexdigest()


def header(record):
    lines = record["head"].split("\n")
    assert lines[0] == "entente/record/1", "an unknown form"
    return dict(line.split(" ", 1) for line in lines[1:] if " " in line)


def check(record):
    digest, leaf = sums(record)
    if digest != record["digest"]:
        return "the digest does not fit"
    if leaf != record["leaf"]:
        return "the leaf does not fit"
    key = bytes.fromhex(record["key"])
    signer = header(record)["signer"]
    if hashlib.sha256(key).hexdigest()[:32] != signer:
        return "the key is not the signer's"
    try:
        signature = base64.b64decode(record["signature"])
        Ed25519PublicKey.from_public_bytes(key).verify(signature, pae(sealed(record)))
    except InvalidSignature:
        return "the signature does not fit"
    return None


def fit(record):
    record["digest"], record["leaf"] = sums(record)
    return record


def forge(record):
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    record["signature"] = base64.b64encode(key.sign(pae(sealed(record)))).decode()
    record["key"] = key.public_key().public_bytes_raw().hex()
    return fit(record)


def spoil(store, number):
    """Finds the stored bytes of one record's body, head, salt or signature in the file."""
    database = sqlite3.connect(store)
    names = [row[1] for row in database.execute("PRAGMA table_info(log)")]
    wanted = [name for name in ("body", "leaf", "sig", "signature") if name in names]
    seqs = [row[0] for row in database.execute("SELECT seq FROM log WHERE body IS NOT NULL")]
    seq = seqs[number * 7919 % len(seqs)]
    column = wanted[number % len(wanted)]
    (value,) = database.execute(f"SELECT {column} FROM log WHERE seq = ?", (seq,)).fetchone()
    database.close()
    with open(store, "r+b") as file:
        content = file.read()
        place = content.find(value)
        assert place >= 0, f"{column} of entry {seq} is not in one piece"
        place += number * 104729 % len(value)
        file.seek(place)
        file.write(bytes([content[place] ^ 1 << number % 8]))
    print(f"one bit of {column} of entry {seq}, byte {place}")


def main():
    verb, path, *rest = sys.argv[1:]
    if verb == "spoil":
        return spoil(path, int(rest[0]))
    with open(path, encoding="utf-8", newline="") as file:
        record = json.load(file)
    if verb == "check":
        wrong = check(record)
        print(wrong or f"signed by {header(record)['signer']}, and nothing was changed")
        sys.exit(1 if wrong else 0)
    print(json.dumps({"fit": fit, "forge": forge}[verb](record)))
    return None


main()
