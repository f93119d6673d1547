"""Facts of lock files and requirements → the packages that each file fixes, every version once."""

from collections.abc import Iterable, Iterator

import msgspec

from assaymark.discover.bom_material import Material
from assaymark.scan.facts import Dependency, LockedPackage, Lockfile
from assaymark.scan.infra.lockfiles import lock_of
from assaymark.scan.infra.requirements_files import is_requirements

__all__ = ["Key", "fixed", "is_lock", "key_of"]

Key = tuple[str, str, str]
"""Ecosystem, name and version: what makes it the same package as another."""


def is_lock(path: str) -> bool:
    """Whether a file of this name fixes versions in a form that is read."""
    name = path.rpartition("/")[2].lower()
    return lock_of(name) is not None or (is_requirements(path, name) and not name.endswith(".in"))


def key_of(package: LockedPackage) -> Key:
    """Its key; a commit's is the version that the lock states of it."""
    return (package.ecosystem, package.name, package.version or package.stated)


def fixed(material: Material) -> Iterator[tuple[str, tuple[LockedPackage, ...], int]]:
    """Each file by path, what it fixes, and of how many packages only name and version are known."""
    pins: dict[str, list[Dependency]] = {}
    for one in material.facts(Dependency):
        if one.ecosystem == "pypi" and one.version and is_lock(one.at.path):
            pins.setdefault(one.at.path, []).append(one)
    locks = {lock.at.path: lock for lock in material.facts(Lockfile)}
    for path in sorted({*pins, *locks}):
        lock = locks.get(path)
        found = (*(lock.whole() if lock is not None else ()), *_pinned(pins.get(path, [])))
        yield path, _once(found), lock.bare if lock is not None else 0


def _pinned(found: list[Dependency]) -> Iterator[LockedPackage]:
    """Exact requirements; the notes on who needs them, turned round."""
    needs: dict[str, set[tuple[str, str]]] = {}
    for one in found:
        for user in one.needed_by:
            needs.setdefault(user, set()).add((one.name, ""))
    for one in found:
        yield LockedPackage(
            ecosystem=one.ecosystem,
            name=one.name,
            version=one.version,
            line=one.at.line,
            hashes=one.hashes,
            needs=tuple(sorted(needs.get(one.name, ()))),
        )


def _once(found: Iterable[LockedPackage]) -> tuple[LockedPackage, ...]:
    """Each version at its first place: a conda lock lists it for each platform, npm's for each folder."""
    kept: dict[Key, LockedPackage] = {}
    for one in found:
        key = key_of(one)
        before = kept.setdefault(key, one)
        if before is not one:
            kept[key] = msgspec.structs.replace(
                before,
                hashes=tuple(dict.fromkeys((*before.hashes, *one.hashes))),
                files=tuple(dict.fromkeys((*before.files, *one.files))),
                needs=tuple(dict.fromkeys((*before.needs, *one.needs))),
            )
    return tuple(kept.values())
