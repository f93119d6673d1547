#!/usr/bin/env python3
"""Check a pack without Assaymark: Python 3.9 or later and the package `cryptography`, nothing else.

    python3 verify-pack.py FILE [PUBLIC-KEY-IN-HEX]

It checks the signature over the statement (DSSE, Ed25519), the SHA-256 of every member, the signature
under the ledger's head (C2SP signed note), and for every entry of the ledger its leaf hash and its proof
(RFC 6962). It does not judge: verdicts are derived anew by `assaymark verify-pack` alone. The formats are
described in docs/formats/pack.md; everything below follows from that page and the named standards.
"""

import base64
import hashlib
import json
import sys
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATEMENT, SIGN_OFFS = "statement.dsse.json", "sign-offs/"


def sha256(data):
    return hashlib.sha256(data).digest()


def need(holds, what):
    if not holds:
        sys.exit(f"DOES NOT VERIFY: {what}")


def signed(key, signature, data, what):
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, data)
    except (InvalidSignature, ValueError):
        need(False, f"the signature of {what} does not hold")


def envelope(data, what):
    """The payload of a DSSE envelope, its signature checked under the key that its predicate names."""
    found = json.loads(data)
    kind, payload = found["payloadType"].encode(), base64.b64decode(found["payload"], validate=True)
    need(len(found["signatures"]) == 1 and kind == b"application/vnd.in-toto+json", f"{what} is no statement")
    statement = json.loads(payload)
    signature = base64.b64decode(found["signatures"][0]["sig"], validate=True)
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    signed(statement["predicate"]["publicKey"], signature, encoded, what)
    return payload, statement


def head(note, key, origin):
    """Size and root of the tree in a signed note."""
    text, _, signatures = note.decode().rpartition("\n\n")
    named, size, root = text.split("\n")
    need(named == origin, "the checkpoint is another ledger's")
    key_id = sha256(origin.encode() + b"\n\x01" + bytes.fromhex(key))[:4]
    lines = [line.split(" ") for line in signatures.splitlines()]
    found = [base64.b64decode(line[2]) for line in lines if line[1] == origin]
    ours = next((s[4:] for s in found if s[:4] == key_id), b"")
    signed(key, ours, text.encode() + b"\n", "the ledger's checkpoint")
    return int(size), base64.b64decode(root)


def included(leaf, index, size, proof, root):
    """RFC 9162, section 2.1.3.2."""
    fn, sn, node = index, size - 1, leaf
    for other in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = sha256(b"\x01" + other + node)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\x01" + node + other)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def main(path, key=""):
    with zipfile.ZipFile(path) as pack:
        infos = pack.infolist()
        names = [info.filename for info in infos]
        need(len(set(names)) == len(names), "a member stands in the pack twice")
        need(
            all(info.compress_type == 0 for info in infos), "a member is compressed, which a pack's never are"
        )
        payload, statement = envelope(pack.read(STATEMENT), STATEMENT)
        said = statement["predicate"]
        need(not key or said["publicKey"] == key, f"it is signed with the key {said['publicKey']}")
        subjects = {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
        covered = {n for n in names if n != STATEMENT and not n.startswith(SIGN_OFFS)}
        need(covered == set(subjects), f"not covered or missing: {covered ^ set(subjects)}")
        for name, digest in subjects.items():
            need(sha256(pack.read(name)).hex() == digest, f"{name} is not what was signed")
        for name in sorted(n for n in names if n.startswith(SIGN_OFFS)):
            _, off = envelope(pack.read(name), name)
            need(
                off["subject"][0]["digest"]["sha256"] == sha256(payload).hex(),
                f"{name} is about another pack",
            )
            who = off["predicate"]
            print(f"signed off by {who['name']!r} as {who['role']!r} with {who['publicKey']}")
        size, root = head(pack.read("ledger/checkpoint"), said["ledgerKey"], said["ledger"])
        entries = pack.read("ledger/entries.jsonl").splitlines()
        proofs = [json.loads(line) for line in pack.read("ledger/proofs.jsonl").splitlines()]
        need(len(entries) == len(proofs), "entries and proofs differ in number")
        for entry, proof in zip(entries, proofs):
            leaf, hashes = sha256(b"\x00" + entry), map(base64.b64decode, proof["hashes"])
            need(leaf.hex() == proof["leaf"], f"entry {proof['index']} was changed")
            need(
                included(leaf, proof["index"], size, hashes, root),
                f"entry {proof['index']} is not in the ledger",
            )
            need(
                json.loads(entry)["system"] == said["system"],
                f"entry {proof['index']} is about another system",
            )
    leaves = {proof["leaf"] for proof in proofs}
    for result in said["results"]:
        need(
            leaves >= {*result["evidence"], *result["counterEvidence"]},
            f"{result['requirement']} lacks evidence",
        )
    print(f"{len(subjects)} members and {len(entries)} of {size} ledger entries hold: {said['system']!r}")
    print(f"statement {sha256(payload).hex()} signed with {said['publicKey']}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except (zipfile.BadZipFile, ValueError, LookupError, TypeError, AttributeError) as error:
        need(False, f"it is not of the form of a pack: {error}")
