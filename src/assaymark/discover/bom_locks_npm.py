"""Lock files of the JavaScript world: npm, pnpm, yarn and bun.

pnpm's, yarn's and bun's are long and written by their tools in one fixed layout, so they are read line by
line; npm's is JSON.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from assaymark.bom import Artefact, Hash
from assaymark.discover.bom_locked import Locked, hash_of, parsed_json, shortened

__all__ = ["read_bun_lock", "read_npm_lock", "read_pnpm_lock", "read_yarn_lock"]

_INTEGRITY = re.compile(r"integrity: ?['\"]?(sha(?:1|256|384|512)-[A-Za-z0-9+/=]{20,100})")
_YARN_KEY = re.compile(r"\"?((?:@[^/@\s\"]{1,200}/)?[^@\s\",]{1,200})@")
_BUN = re.compile(r'\s{0,8}"[^"\n]{1,300}": \["((?:@[^/@"]{1,200}/)?[^@"]{1,200})@([0-9][^"\n]{0,100})"')
_BUN_HASH = re.compile(r'"(sha512-[A-Za-z0-9+/=]{20,100})"\]')
_DEPTH = 200
_WORKSPACE = "0.0.0-use.local"
"""What berry writes for the project itself and its workspaces."""


def _package(name: str, version: str, integrity: str = "", **more: Any) -> Locked:
    found = hash_of(integrity) if integrity else None
    return Locked(
        ecosystem="npm",
        name=shortened(name),
        version=shortened(version),
        hashes=(found,) if found is not None else (),
        **more,
    )


def read_npm_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of package-lock.json or npm-shrinkwrap.json, lockfile versions 1 to 3."""
    top, problem = parsed_json(text)
    top = top if isinstance(top, dict) else {}
    packages = top.get("packages")
    if isinstance(packages, dict):
        return list(_npm_packages(packages)), problem
    return list(_npm_tree(top.get("dependencies"))), problem


def _npm_packages(packages: dict[str, Any]) -> Iterator[Locked]:
    for place, entry in packages.items():
        if "node_modules/" not in place or not isinstance(entry, dict) or entry.get("link"):
            continue
        name = entry.get("name") or place.rpartition("node_modules/")[2]
        yield _npm_entry(shortened(name), entry, tuple(_npm_needs(place, entry, packages)))


def _npm_needs(place: str, entry: dict[str, Any], packages: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What it needs, at the version that Node would find from `place`."""
    table = entry.get("dependencies")
    for name in table if isinstance(table, dict) else ():
        folder = place
        for _ in range(_DEPTH):
            found = packages.get(f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}")
            if isinstance(found, dict):
                yield shortened(found.get("name") or name), shortened(found.get("version"))
                break
            if not folder:
                break
            folder = folder.rpartition("/node_modules/")[0] if "/node_modules/" in folder else ""


def _npm_tree(found: Any) -> Iterator[Locked]:
    """Lockfile version 1: packages within packages."""
    pending = [(found, 0)]
    while pending:
        table, depth = pending.pop()
        for name, entry in table.items() if isinstance(table, dict) and depth < _DEPTH else ():
            if isinstance(entry, dict):
                yield _npm_entry(shortened(name), entry, ())
                pending.append((entry.get("dependencies"), depth + 1))


def _npm_entry(name: str, entry: dict[str, Any], requires: tuple[tuple[str, str], ...]) -> Locked:
    integrity, url = shortened(entry.get("integrity"), 2000), shortened(entry.get("resolved"), 2000)
    hashes = tuple(sorted({h for t in integrity.split() if (h := hash_of(t)) is not None}))
    remote = url.startswith(("https://", "http://"))
    return Locked(
        ecosystem="npm",
        name=name,
        version=shortened(entry.get("version")),
        hashes=() if remote else hashes,
        artefacts=(Artefact(url, hashes),) if remote else (),
        licence=_licence(entry.get("license")),
        url="" if remote else url,
        requires=tuple(sorted(set(requires))),
    )


def _licence(found: Any) -> str:
    if isinstance(found, dict):
        found = found.get("type")
    return shortened(found)


def read_pnpm_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of pnpm-lock.yaml, lockfile versions 5 to 9."""
    found: list[Locked] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] not in (" ", ""):
            inside = line.startswith("packages:")
        elif inside and (key := _pnpm_key(line)) is not None:
            found.append(_package(*key, line=number))
        elif inside and found and (integrity := _INTEGRITY.search(line[:400])) is not None:
            found[-1] = _with_hash(found[-1], hash_of(integrity[1]))
    return found, ""


def _pnpm_key(line: str) -> tuple[str, str] | None:
    """Name and version of `  /@scope/name@1.0(peer):`, `  '@scope/name@1.0':` or `  /name/1.0_peer:`."""
    if not line.startswith("  ") or line[2:3] == " " or not line.rstrip().endswith(":") or len(line) > 2000:
        return None
    key = line.strip()[:-1].strip("'\"").removeprefix("/").partition("(")[0]
    parts = key.split("/")
    named = 2 if key.startswith("@") else 1
    if len(parts) > named:  # lockfile version 5
        name, version = "/".join(parts[:named]), parts[named].partition("_")[0]
    else:
        name, _, version = key.rpartition("@")
    return (name, version) if name and version[:1].isdigit() else None


def _with_hash(package: Locked, found: Hash | None) -> Locked:
    return msgspec.structs.replace(package, hashes=(found,)) if found is not None else package


def read_yarn_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of yarn.lock, classic and berry. Berry's checksums are of its own archives: left out."""
    found: list[Locked] = []
    name, open_ = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] not in (" ", "", "#"):
            key = _YARN_KEY.match(line)
            name, open_ = (key[1] if key is not None else ""), False
        elif name and line.startswith("  version"):
            version = line[9:].lstrip(": ").strip().strip('"')
            open_ = bool(version) and name != "__metadata" and version != _WORKSPACE
            if open_:
                found.append(_package(name, version, line=number))
        elif open_ and line.startswith("  integrity "):
            found[-1] = _with_hash(found[-1], hash_of(line[12:].strip().strip('"')))
    return found, ""


def read_bun_lock(text: str) -> tuple[list[Locked], str]:
    """The packages of bun.lock."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        key = _BUN.match(line[:800])
        if key is not None:
            integrity = _BUN_HASH.search(line[-200:])
            found.append(_package(key[1], key[2], integrity[1] if integrity is not None else "", line=number))
    return found, ""
