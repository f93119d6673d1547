"""pnpm-lock.yaml, yarn.lock and bun.lock → what they fix.

Long and written by machines, so read line by line in their tools' fixed layout.
"""

import re
from collections.abc import Iterator

from assaymark.scan.facts import LockedPackage
from assaymark.scan.infra._locked import Locks, address_of, digests, locked, section_lines
from assaymark.scan.infra._locks_npm import LOCAL, VERSION, npm_package

__all__ = ["bun_lock", "pnpm_lock", "yarn_lock"]

Entry = tuple[LockedPackage, bool]

_INTEGRITY = re.compile(r"sha(?:1|256|384|512)-[A-Za-z0-9+/=]{1,120}")
_PEERS = re.compile(r"[(_].*\Z")
_VERSION_5 = re.compile(r"((?:@[^/@]{1,200}/)?[^/@]{1,200})/(\d[^/]{0,300})\Z")
_BUN = re.compile(r'    "[^"\n]{1,200}": \["((?:@[^"@/]{1,100}/)?[^"@/]{1,200})@([^"]{1,400})"')


def pnpm_lock(text: str) -> Locks:
    """The lock of pnpm: `/name/1.0.0` (5), `/name@1.0.0(peer)` (6) or `name@1.0.0` (9) below `packages:`."""
    return locked(_pnpm_entries(text))


def _pnpm_entries(text: str) -> Iterator[Entry]:
    key, line, local = "", 0, False
    hashes: tuple[str, ...] = ()
    for number, row in section_lines(text, "packages:"):
        if re.match(r"  \S.*:\s*\Z", row):
            if key and not local:
                yield from _pnpm(key, line, hashes)
            key, line, hashes, local = row.strip()[:-1].strip("'\""), number, (), False
        elif row.startswith(("    resolution:", "      integrity:")):
            found = _INTEGRITY.search(row)
            hashes = (found[0],) if found else hashes
            local = local or "type: directory" in row
    if key and not local:
        yield from _pnpm(key, line, hashes)


def _pnpm(key: str, line: int, hashes: tuple[str, ...]) -> Iterator[Entry]:
    whole = key.removeprefix("/")
    old = _VERSION_5.match(whole)
    name, version = (old[1], old[2]) if old else _at(whole)
    version = _PEERS.sub("", version) if not version.startswith(("http", "git", "file", "link")) else version
    source = "" if VERSION.match(version) else ("git" if "git" in version else "url")
    yield from _named(name, version, line, hashes, source, hashed=bool(hashes))


def _named(
    name: str, version: str, line: int, hashes: tuple[str, ...], source: str, *, hashed: bool
) -> Iterator[Entry]:
    """The package; what comes from a repository has that for an address, not for a version."""
    address = version if source and (":" in version or "/" in version) else ""
    stated = "" if address else version
    if name.strip():
        found = digests(hashes)
        yield (
            npm_package(name, stated, line, source=source, address=address_of(address), hashes=found),
            hashed,
        )


def _at(spec: str) -> tuple[str, str]:
    """Name and the rest of `name@rest`, where the name may begin with a scope's @."""
    place = spec.find("@", 1)
    return (spec[:place], spec[place + 1 :]) if place > 0 else (spec, "")


def yarn_lock(text: str) -> Locks:
    """Yarn's lock, classic and berry. Berry's checksums are of its own archives, so they are not kept."""
    return locked(_yarn_entries(text))


def _yarn_entries(text: str) -> Iterator[Entry]:
    head, line, fields = "", 0, dict[str, str]()
    for number, row in enumerate(text.split("\n"), 1):
        if not row or row[0] == "#":
            continue
        if not row[0].isspace():
            yield from _yarn(head, line, fields)
            head, line, fields = row.rstrip().removesuffix(":"), number, {}
        elif row.startswith("  ") and row[2:3] not in (" ", ""):
            name, _, value = row.strip().partition(" ")
            fields.setdefault(name.rstrip(":"), value.strip().strip('"'))
    yield from _yarn(head, line, fields)


def _yarn(head: str, line: int, fields: dict[str, str]) -> Iterator[Entry]:
    version = fields.get("version", "")
    if not version or head == "__metadata":
        return
    first = (fields.get("resolution") or head.partition(",")[0]).strip().strip('"')
    name, asked = _at(first)
    if asked.startswith("npm:") and "resolution" not in fields and "@" in asked[5:]:
        name = asked[4:].rpartition("@")[0]
    if asked.startswith(LOCAL) and "resolved" not in fields:
        return
    resolved = fields.get("resolved", "")
    commit = asked.startswith(("git", "http")) or "#commit=" in asked or resolved.startswith("git")
    hashes = digests(fields.get("integrity", "").split())
    if name.strip():
        hashed = bool(hashes or fields.get("checksum"))
        address = address_of(resolved or asked) if commit else ""
        source = "git" if commit else ""
        yield npm_package(name, version, line, source=source, address=address, hashes=hashes), hashed


def bun_lock(text: str) -> Locks:
    """Bun's text lock: `"name": ["name@1.0.0", …, "sha512-…"]`, one a line."""
    return locked(_bun_entries(text))


def _bun_entries(text: str) -> Iterator[Entry]:
    for number, row in enumerate(text.split("\n"), 1):
        found = _BUN.match(row)
        if found is None:
            continue
        name, version = found[1], found[2]
        if version.startswith(LOCAL):
            continue
        digest = _INTEGRITY.search(row)
        source = "" if VERSION.match(version) else "git"
        yield from _named(name, version, number, (digest[0],) if digest else (), source, hashed=bool(digest))
