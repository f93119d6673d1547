"""Files that list digests of other files: sums files, DVC, model signatures, JSON manifests."""

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.artefact.names import base
from assaymark.scan.artefact.yaml_text import MAX_YAML, parse_yaml
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, HashManifest, ScanProblem

__all__ = ["accepts_hashes", "scan_hashes"]

MAX_BYTES = 4 << 20
MAX_ENTRIES = 20_000
_SUMS = re.compile(
    r"(.*[._-])?(sha(1|224|256|384|512)|md5|b2|blake2b|blake3)(sums?)?(\.(txt|asc))?\Z|checksums?(\.txt)?\Z"
)
_JSON = re.compile(r".*(checksums?|hashes|digests|manifest).*\.json\Z")
_LINE = re.compile(r"\\?([0-9a-fA-F]{32,128})[ \t]+[*]?(\S.{0,400})\Z")
_BSD = re.compile(r"(?:SHA\d{1,3}|MD5|BLAKE2b)\w* ?\((.{1,400})\) ?= ?([0-9a-fA-F]{32,128})\Z")
_LONE = re.compile(r"([0-9a-fA-F]{32,128})\Z")
_HEX = re.compile(r"(?:(sha\d{1,3}|md5)[:-])?([0-9a-fA-F]{32,128})\Z")
_ALGORITHM = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}

Entries = list[tuple[str, str]]


def accepts_hashes(path: str, head: bytes) -> bool:
    """By name; a `model.sig` or JSON manifest must also look the part."""
    name = base(path)
    if name.endswith(".dvc") or name == "dvc.lock":
        return b"md5" in head or b"hash" in head or b"outs" in head
    if name.endswith(".sig"):
        return b"dsseEnvelope" in head
    if name.endswith(".json"):
        return _JSON.match(name) is not None
    return _SUMS.match(name) is not None and b"\0" not in head


def scan_hashes(blob: Blob) -> Iterator[Fact]:
    """The digests that a file lists, paths made relative to the tree's root."""
    name = base(blob.path)
    if blob.size > MAX_BYTES:
        reason = f"it is longer than the bound of {MAX_BYTES:,} bytes"
        yield ScanProblem(at=Location(blob.path), scanner="hash-manifest", reason=reason)
        return
    data = blob.read(0, MAX_BYTES)
    if name.endswith((".dvc", ".lock")):
        entries, signed = _dvc(data), False
    elif name.endswith(".sig"):
        entries, signed = _model_signature(data), True
    elif name.endswith(".json"):
        entries, signed = _json(parse_json(data)), False
    else:
        entries, signed = _sums(data, name), b"-----BEGIN PGP SIGNED MESSAGE" in data[:200]
    if entries:
        yield _manifest(blob, entries[:MAX_ENTRIES], signed)


def _manifest(blob: Blob, entries: Entries, signed: bool) -> HashManifest:
    folder = posixpath.dirname(blob.path)
    located = tuple(
        (posixpath.normpath(posixpath.join(folder, p.removeprefix("./"))), d.lower()) for p, d in entries
    )
    lengths = {len(d) for _, d in located}
    algorithm = _ALGORITHM.get(min(lengths), "unknown") if lengths else "unknown"
    return HashManifest(at=Location(blob.path), algorithm=algorithm, entries=located, signed=signed)


def _sums(data: bytes, name: str) -> Entries:
    entries: Entries = []
    for raw in data.decode("utf-8-sig", "replace").splitlines():
        line = raw.strip()[:600]
        if found := _LINE.match(line):
            entries.append((found[2].strip(), found[1]))
        elif found := _BSD.match(line):
            entries.append((found[1], found[2]))
        elif (found := _LONE.match(line)) and "." in name:
            entries.append((name.rpartition(".")[0], found[1]))
    return entries


def _dvc(data: bytes) -> Entries:
    parsed = parse_yaml(data) if len(data) <= MAX_YAML else None
    if not isinstance(parsed, dict):
        return []
    stages = parsed.get("stages")
    groups = [parsed, *(stages.values() if isinstance(stages, dict) else ())]
    return [pair for group in groups if isinstance(group, dict) for pair in _outputs(group)]


def _outputs(group: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("deps", "outs"):
        listed = group.get(key)
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                digest = str(entry.get("md5") or entry.get("sha256") or entry.get("checksum") or "")
                if _LONE.match(digest.removesuffix(".dir")):
                    yield entry["path"], digest.removesuffix(".dir")


def _model_signature(data: bytes) -> Entries:
    """Digests in an OpenSSF model-signing bundle; the signature itself is not verified here."""
    bundle = parse_json(data)
    envelope = bundle.get("dsseEnvelope") if isinstance(bundle, dict) else None
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    if not isinstance(payload, str):
        return []
    try:
        statement = parse_json(base64.b64decode(payload, validate=False))
    except (binascii.Error, ValueError):
        return []
    predicate = statement.get("predicate") if isinstance(statement, dict) else None
    resources = predicate.get("resources") if isinstance(predicate, dict) else None
    return [
        (r["name"], r["digest"])
        for r in (resources if isinstance(resources, list) else ())
        if isinstance(r, dict) and isinstance(r.get("name"), str) and _is_hex(r.get("digest"))
    ]


def _json(value: object) -> Entries:
    """A mapping of path to digest, or a list of objects with a path and a digest."""
    if isinstance(value, dict):
        inner = next((value[k] for k in ("files", "checksums", "hashes", "entries") if k in value), value)
        if isinstance(inner, dict):
            return [(k, _bare(v)) for k, v in inner.items() if isinstance(k, str) and _is_hex(v)]
        value = inner
    rows = [r for r in value if isinstance(r, dict)] if isinstance(value, list) else []
    pairs = [
        (_first(r, "path", "name", "file"), _first(r, "sha256", "sha512", "digest", "hash")) for r in rows
    ]
    return [(str(p), _bare(d)) for p, d in pairs if isinstance(p, str) and _is_hex(d)]


def _first(row: dict[str, Any], *keys: str) -> object:
    return next((row[k] for k in keys if k in row), None)


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and _HEX.match(value) is not None


def _bare(value: object) -> str:
    found = _HEX.match(str(value))
    return found[2] if found else ""
