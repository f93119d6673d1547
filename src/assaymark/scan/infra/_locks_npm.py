"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3 → what they fix."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from assaymark.scan.facts import LockedFile, LockedPackage
from assaymark.scan.infra._locked import Locks, address_of, digests, locked, parsed_json
from assaymark.scan.words import shortened

__all__ = ["LOCAL", "VERSION", "npm_package", "package_lock"]

Entry = tuple[LockedPackage, bool]

VERSION = re.compile(r"v?\d{1,20}(?:\.\d{1,20}){0,3}(?:[-+][\w.+\-]{1,200})?\Z")
"""A release of a registry."""
LOCAL = ("file:", "link:", "workspace:", "portal:", "./", "../")
"""How a lock writes what lies in the project's own folders."""
MAX_STEPS = 1_000_000
"""Folders that are looked into to find what packages need."""
_DEPTH = 200
_OBJECT_KEY = re.compile(r"\"([^\"\\\n]{0,400})\"[ \t]{0,9}:[ \t]{0,9}\{")
_COMMITS = ("git+", "git:", "git@", "github:", "gitlab:", "bitbucket:")


def package_lock(text: str) -> Locks:
    """The lock of npm."""
    top, problem = parsed_json(text)
    if not isinstance(top, dict):
        return Locks([], problem=problem or "no mapping of packages")
    packages, old = top.get("packages"), top.get("dependencies")
    lines = _lines_of_keys(text)
    if isinstance(packages, dict):
        folders = _Folders(packages)
        found = locked(_by_path(folders, lines))
        if folders.steps > MAX_STEPS:
            found.problem = found.problem or f"finding what needs what took more than {MAX_STEPS:,} steps"
        return found
    return locked(_nested(old, lines)) if isinstance(old, dict) else Locks([])


class _Folders(Struct):
    """`node_modules` as the lock lays it out."""

    packages: dict[str, Any]
    steps: int = 0

    def needs(self, place: str, table: Any) -> Iterator[tuple[str, str]]:
        """What the package at `place` needs, at the version that Node would find from there."""
        above = list(_above(place)) if isinstance(table, dict) else []
        for name in table if above else ():
            for folder in above:
                self.steps += 1
                if self.steps > MAX_STEPS:
                    return
                found = self.packages.get(f"{folder}node_modules/{name}")
                if isinstance(found, dict):
                    yield shortened(found.get("name") or name), shortened(found.get("version"))
                    break


def _above(place: str) -> Iterator[str]:
    """The folder of a package and those above it, each with its slash; last the top."""
    for _ in range(_DEPTH):
        yield f"{place}/" if place else ""
        if not place:
            break
        place = place.rpartition("/node_modules/")[0]


def _by_path(folders: _Folders, lines: dict[str, int]) -> Iterator[Entry]:
    for key, entry in folders.packages.items():
        if "node_modules/" not in key or not isinstance(entry, dict) or entry.get("link"):
            continue
        name = entry.get("name")
        name = name if isinstance(name, str) else key.rpartition("node_modules/")[2]
        needs = tuple(dict.fromkeys(folders.needs(key, entry.get("dependencies"))))
        found = _entry(name, entry, lines.get(key, 0), shortened(entry.get("resolved"), 2_000), needs)
        if found is not None:
            yield found


def _nested(top: dict[str, Any], lines: dict[str, int]) -> Iterator[Entry]:
    """Version 1: packages within packages; a stack, so that depth cannot overflow."""
    pending = [top]
    while pending:
        for name, entry in pending.pop().items():
            if not isinstance(entry, dict):
                continue
            where = shortened(entry.get("resolved"), 2_000) or shortened(entry.get("version"), 2_000)
            found = _entry(name, entry, lines.get(name, 0), where, ())
            if found is not None:
                yield found
            if isinstance(entry.get("dependencies"), dict):
                pending.append(entry["dependencies"])


def _entry(
    name: str, entry: dict[str, Any], line: int, where: str, needs: tuple[tuple[str, str], ...]
) -> Entry | None:
    version = shortened(entry.get("version"))
    if version.startswith("npm:"):
        name, _, version = version.removeprefix("npm:").rpartition("@")
    local = where.startswith(LOCAL) or version.startswith(LOCAL)
    source = "path" if local else _source(where, version)
    integrity = entry.get("integrity")
    hashes = digests(integrity[:1_000].split()) if isinstance(integrity, str) else ()
    remote = where.startswith(("https://", "http://"))
    one = npm_package(
        name,
        version,
        line,
        hashes=() if remote else hashes,
        files=(LockedFile(address_of(where), hashes),) if remote else (),
        source=source,
        address="" if remote or (where == version and not source) else address_of(where),
        licence=_licence(entry.get("license")),
        needs=needs,
    )
    return (one, bool(integrity)) if one.name else None


def npm_package(name: str, version: str, line: int, *, source: str = "", **more: Any) -> LockedPackage:
    """A package whose version counts as a release only if it is written as one and no source is told."""
    exact = version.removeprefix("v") if VERSION.match(version) and not source else ""
    return LockedPackage(
        ecosystem="npm",
        name=shortened(name),
        version=shortened(exact),
        stated="" if exact else shortened(version),
        line=line,
        source=source,
        **more,
    )


def _source(where: str, version: str) -> str:
    if where.startswith(_COMMITS) or "codeload.git" in where:
        return "git"
    if VERSION.match(version):
        return ""
    return "url" if version.startswith(("http:", "https:")) else "git"


def _licence(found: Any) -> str:
    if isinstance(found, dict):
        found = found.get("type")
    return shortened(found)


def _lines_of_keys(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    number, place = 1, 0
    for found in _OBJECT_KEY.finditer(text):
        number += text.count("\n", place, found.start())
        place = found.start()
        lines.setdefault(found[1], number)
    return lines
