"""Forge packs: change anything, then make digests, proofs and signatures fit again, as a liar would."""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.pack.supplier import supplier

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from assaymark.observation import canonical
from assaymark.pack.container import Container
from assaymark.pack.dsse import seal
from assaymark.pack.format import (
    ASSESSMENT,
    BASIS,
    CHECKPOINT,
    CONSISTENCY,
    ENTRIES,
    GATE,
    PROOFS,
    REPORT,
    SIGN_OFFS,
    STATEMENT,
)
from assaymark.pack.signing_off import Signatory, signed_off

__all__ = ["Forgery", "raw_zip"]

Json = dict[str, Any]


class Forgery:
    """A pack taken apart, to be changed and sealed again by its own supplier."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        envelope = msgspec.json.decode(self.members[STATEMENT])
        self.statement: Json = msgspec.json.decode(base64.b64decode(envelope["payload"]))
        self.key: Ed25519PrivateKey = supplier().key
        self.signatories: list[Signatory] = []

    @property
    def predicate(self) -> Json:
        """The signed predicate, to be changed in place."""
        found: Json = self.statement["predicate"]
        return found

    def json(self, name: str, change: Callable[[Json], object], *, plain: bool = False) -> "Forgery":
        """Change a JSON member; `plain` keeps it indented as reports are."""
        value = msgspec.json.decode(self.members[name])
        change(value)
        data = canonical(value)
        if plain:
            data = msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
        self.members[name] = data
        return self

    @property
    def lines(self) -> list[bytes]:
        """The ledger's entries; the tests' packs hold all of them."""
        return self.members[ENTRIES].splitlines()

    def entry(self, pick: Callable[[Json], bool], change: Callable[[Json], object]) -> "Forgery":
        """Change the first entry for which `pick` holds, and the whole log with it."""
        lines = self.lines
        for number, line in enumerate(lines):
            value = msgspec.json.decode(line)
            if pick(value):
                change(value)
                lines[number] = canonical(value)
                return self.log(lines)
        raise AssertionError("no entry was picked")

    def log(self, lines: Iterable[bytes]) -> "Forgery":
        """Make `lines` the log: a new tree, new proofs, newly signed heads, and leaves renamed everywhere."""
        before = [leaf_hash(line).hex() for line in self.lines]
        data = list(lines)
        leaves = [leaf_hash(line) for line in data]
        head = Checkpoint(self.predicate["ledger"], len(leaves), root(leaves))
        earlier = max(1, sum(msgspec.json.decode(line)["type"] != ASSESSMENT for line in data))
        basis_head = Checkpoint(head.origin, earlier, root(leaves[:earlier]))
        note = checkpoint.sign(basis_head, self.key)
        self.members[ENTRIES] = b"".join(line + b"\n" for line in data)
        self.members[CHECKPOINT] = checkpoint.sign(head, self.key).encode()
        self.members[PROOFS] = b"".join(
            canonical({"hashes": _texts(inclusion_proof(leaves, n)), "index": n, "leaf": leaf.hex()}) + b"\n"
            for n, leaf in enumerate(leaves)
        )
        proof = _texts(consistency_proof(leaves, earlier))
        self.members[CONSISTENCY] = canonical({"checkpoint": note, "hashes": proof}) + b"\n"
        self.json(BASIS, lambda basis: basis.update(head=note))
        if len(before) == len(leaves):
            self._rename(dict(zip(before, (leaf.hex() for leaf in leaves), strict=True)))
        return self

    def record(self) -> "Forgery":
        """Make the ledger and the statement for gates name the report as it is now."""
        digest = sha256(self.members[REPORT]).hexdigest()
        self.json(GATE, lambda gate: gate["subject"][-1]["digest"].update(sha256=digest), plain=True)
        return self.entry(lambda e: e["type"] == ASSESSMENT, lambda e: e["body"].update(reportSha256=digest))

    def release(self, version: str) -> "Forgery":
        """Make another release of Assaymark the one that wrote everything."""
        self.json(BASIS, lambda basis: basis.update(tool_version=version))
        self.json(REPORT, lambda report: report["tool"].update(version=version), plain=True)
        self.predicate["verifier"]["version"] = version
        self.entry(lambda e: e["type"] == ASSESSMENT, lambda e: e["body"].update(toolVersion=version))
        return self.record()

    def sealed(self, *, payload: bytes | None = None) -> bytes:
        """The pack, its subjects and signatures made to fit."""
        covered = {n: d for n, d in self.members.items() if n != STATEMENT and not n.startswith(SIGN_OFFS)}
        self.statement["subject"] = [
            {"digest": {"sha256": sha256(data).hexdigest()}, "name": name}
            for name, data in sorted(covered.items())
        ]
        signed = payload or canonical(self.statement)
        system = self.predicate["system"]
        offs = dict(signed_off(signed, system, by) for by in self.signatories)
        return self.zipped({**covered, **offs, STATEMENT: seal(signed, self.key)})

    def zipped(self, members: dict[str, bytes] | None = None) -> bytes:
        """A well-formed container around members that need not fit together."""
        file = io.BytesIO()
        container = Container(file)
        for name, data in sorted((members or self.members).items()):
            container.add(name, data)
        container.finish()
        return file.getvalue()

    def _rename(self, leaves: dict[str, str]) -> None:
        def put(found: list[str]) -> list[str]:
            return [leaves.get(leaf, leaf) for leaf in found]

        for result in self.predicate["results"]:
            result["evidence"] = put(result["evidence"])
            result["counterEvidence"] = put(result["counterEvidence"])
        self.predicate["assessment"] = leaves.get(self.predicate["assessment"], "")


def raw_zip(
    members: list[tuple[bytes, bytes]],
    *,
    local: dict[str, int] | None = None,
    central: dict[str, int] | None = None,
    gap: bytes = b"",
    prefix: bytes = b"",
    suffix: bytes = b"",
) -> bytes:
    """A ZIP file as a liar writes it: any names, any fields of the first member's two headers."""
    body, rows = prefix, b""
    for number, (name, data) in enumerate(members):
        crc, offset = zlib.crc32(data), len(body)
        plain = {
            "version": 20,
            "flags": 0 if name.isascii() else 0x800,
            "method": 0,
            "time": 0,
            "day": 0x21,
            "crc": crc,
            "packed": len(data),
            "size": len(data),
            "name": len(name),
            "extra": 0,
        }
        first = plain | (local or {}) if number == 0 else plain
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", *first.values()) + name + data + gap
        row = plain | {"comment": 0, "disk": 0, "kind": 0, "mode": 0o100644 << 16, "offset": offset}
        row = {"made": (3 << 8) | 20, **(row | (central or {}) if number == 0 else row)}
        rows += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *row.values()) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(members), len(members), len(rows), len(body), 0)
    return body + rows + end + suffix


def _texts(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]
