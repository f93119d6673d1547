"""package-lock.json, pnpm-lock.yaml, yarn.lock and bun.lock → what they fix.

The YAML and yarn locks are read line by line in their tools' fixed layout; JSON locks are parsed.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from assaymark.scan.facts import LockedPackage
from assaymark.scan.infra._locked import LONGEST, Locks, locked, section_lines

__all__ = ["bun_lock", "package_lock", "pnpm_lock", "yarn_lock"]

Entry = tuple[LockedPackage, bool]

_VERSION = re.compile(r"v?\d{1,20}(?:\.\d{1,20}){0,3}(?:[-+][\w.+\-]{1,200})?\Z")
_OBJECT_KEY = re.compile(r"\"([^\"\\\n]{0,400})\"[ \t]{0,9}:[ \t]{0,9}\{")
_INTEGRITY = re.compile(r"sha(?:1|256|384|512)-[A-Za-z0-9+/=]{1,120}")
_PEERS = re.compile(r"[(_].*\Z")
_VERSION_5 = re.compile(r"((?:@[^/@]{1,200}/)?[^/@]{1,200})/(\d[^/]{0,300})\Z")
_LOCAL = ("file:", "link:", "workspace:", "portal:", "./", "../")


def package_lock(text: str) -> Locks:
    """The lock of npm, versions 1 to 3."""
    try:
        top = msgspec.json.decode(text.removeprefix("\ufeff").encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as wrong:
        return Locks([], 0, f"broken syntax: {str(wrong)[:200]}")
    if not isinstance(top, dict):
        return Locks([], 0, "no mapping of packages")
    packages, old = top.get("packages"), top.get("dependencies")
    lines = _lines_of_keys(text)
    if isinstance(packages, dict):
        return locked(_by_path(packages, lines))
    if isinstance(old, dict):
        return locked(_nested(old, lines))
    return Locks([], 0, "")


def _by_path(packages: dict[str, Any], lines: dict[str, int]) -> Iterator[Entry]:
    for key, entry in packages.items():
        if "node_modules/" not in key or not isinstance(entry, dict) or entry.get("link"):
            continue
        name = entry.get("name")
        name = name if isinstance(name, str) else key.rpartition("node_modules/")[2]
        found = _npm(name, entry, lines.get(key, 0), str(entry.get("resolved") or ""))
        if found is not None:
            yield found


def _nested(top: dict[str, Any], lines: dict[str, int]) -> Iterator[Entry]:
    """Version 1: packages within packages; a stack, so that depth cannot overflow."""
    pending = [top]
    while pending:
        for name, entry in pending.pop().items():
            if not isinstance(entry, dict):
                continue
            found = _npm(name, entry, lines.get(name, 0), str(entry.get("version") or ""))
            if found is not None:
                yield found
            if isinstance(entry.get("dependencies"), dict):
                pending.append(entry["dependencies"])


def _npm(name: str, entry: dict[str, Any], line: int, where: str) -> Entry | None:
    version = str(entry.get("version") or "")
    if version.startswith("npm:"):
        name, _, version = version.removeprefix("npm:").rpartition("@")
    if where.startswith(_LOCAL) or version.startswith(_LOCAL):
        return None
    source = _source(where, version)
    integrity = entry.get("integrity")
    hashes = (integrity[:LONGEST],) if isinstance(integrity, str) and integrity else ()
    return _package(name, version, line, hashes, source), bool(hashes)


def _source(where: str, version: str) -> str:
    if (
        where.startswith(("git+", "git:", "git@", "github:", "gitlab:", "bitbucket:"))
        or "codeload.git" in where
    ):
        return "git"
    if _VERSION.match(version):
        return ""
    return "url" if version.startswith(("http:", "https:")) else "git"


def _package(name: str, version: str, line: int, hashes: tuple[str, ...], source: str = "") -> LockedPackage:
    exact = version.removeprefix("v") if _VERSION.match(version) and not source else ""
    return LockedPackage(
        ecosystem="npm", name=name[:LONGEST], version=exact[:LONGEST], line=line, hashes=hashes, source=source
    )


def _lines_of_keys(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    number, place = 1, 0
    for found in _OBJECT_KEY.finditer(text):
        number += text.count("\n", place, found.start())
        place = found.start()
        lines.setdefault(found[1], number)
    return lines


def pnpm_lock(text: str) -> Locks:
    """The lock of pnpm: `/name/1.0.0` (5), `/name@1.0.0(peer)` (6) or `name@1.0.0` (9) below `packages:`."""
    return locked(_pnpm_entries(text))


def _pnpm_entries(text: str) -> Iterator[Entry]:
    key, line, local = "", 0, False
    hashes: tuple[str, ...] = ()
    for number, row in section_lines(text, "packages:"):
        if re.match(r"  \S.*:\s*\Z", row):
            if key and not local:
                yield _pnpm(key, line, hashes)
            key, line, hashes, local = row.strip()[:-1].strip("'\""), number, (), False
        elif row.startswith(("    resolution:", "      integrity:")):
            found = _INTEGRITY.search(row)
            hashes = (found[0],) if found else hashes
            local = local or "type: directory" in row
    if key and not local:
        yield _pnpm(key, line, hashes)


def _pnpm(key: str, line: int, hashes: tuple[str, ...]) -> Entry:
    whole = key.removeprefix("/")
    old = _VERSION_5.match(whole)
    name, version = (old[1], old[2]) if old else _at(whole)
    version = _PEERS.sub("", version) if not version.startswith(("http", "git", "file", "link")) else version
    source = "" if _VERSION.match(version) else ("git" if "git" in version else "url")
    return _package(name, version, line, hashes, source), bool(hashes)


def _at(spec: str) -> tuple[str, str]:
    """Name and the rest of `name@rest`, where the name may begin with a scope's @."""
    place = spec.find("@", 1)
    return (spec[:place], spec[place + 1 :]) if place > 0 else (spec, "")


def yarn_lock(text: str) -> Locks:
    """Yarn's lock, classic and berry."""
    return locked(_yarn_entries(text))


def _yarn_entries(text: str) -> Iterator[Entry]:
    head, line, fields = "", 0, dict[str, str]()
    for number, row in enumerate(text.split("\n"), 1):
        if not row or row[0] == "#":
            continue
        if not row[0].isspace():
            found = _yarn(head, line, fields)
            if found is not None:
                yield found
            head, line, fields = row.rstrip().removesuffix(":"), number, {}
        elif row.startswith("  ") and row[2:3] not in (" ", ""):
            name, _, value = row.strip().partition(" ")
            fields.setdefault(name.rstrip(":"), value.strip().strip('"'))
    found = _yarn(head, line, fields)
    if found is not None:
        yield found


def _yarn(head: str, line: int, fields: dict[str, str]) -> Entry | None:
    version = fields.get("version", "")
    if not version or head == "__metadata":
        return None
    first = (fields.get("resolution") or head.partition(",")[0]).strip().strip('"')
    name, asked = _at(first)
    if asked.startswith("npm:") and "resolution" not in fields and "@" in asked[5:]:
        name = asked[4:].rpartition("@")[0]
    if asked.startswith(_LOCAL) and "resolved" not in fields:
        return None
    hashes = tuple(v for k in ("integrity", "checksum") if (v := fields.get(k, "")[:LONGEST]))
    resolved = fields.get("resolved", "")
    commit = asked.startswith(("git", "http")) or "#commit=" in asked or resolved.startswith("git")
    return _package(name, version, line, hashes, "git" if commit else ""), bool(hashes)


def bun_lock(text: str) -> Locks:
    """Bun's text lock: `"name": ["name@1.0.0", …, "sha512-…"]`, one a line."""
    return locked(_bun_entries(text))


def _bun_entries(text: str) -> Iterator[Entry]:
    for number, row in enumerate(text.split("\n"), 1):
        found = re.match(r'    "[^"\n]{1,200}": \["((?:@[^"@/]{1,100}/)?[^"@/]{1,200})@([^"]{1,400})"', row)
        if found is None:
            continue
        name, version = found[1], found[2]
        if version.startswith(_LOCAL):
            continue
        digest = _INTEGRITY.search(row)
        source = "" if _VERSION.match(version) else "git"
        yield _package(name, version, number, (digest[0],) if digest else (), source), digest is not None
