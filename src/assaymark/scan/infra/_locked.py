"""What the readers of lock files share: one package made from its parts, and the bounds."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.scan.facts import LockedFile, LockedPackage
from assaymark.scan.words import public_url, shortened

__all__ = [
    "MAX_PACKAGES",
    "Locks",
    "address_of",
    "digests",
    "locked",
    "parsed_json",
    "pypi_name",
    "section_lines",
]

MAX_PACKAGES = 50_000
"""Packages of one lock file that are kept."""
MAX_DETAIL = 4_000_000
"""Characters of addresses, digests and needs of one lock file that are kept beside names and versions."""
_LONGEST_ADDRESS = 2_000
_LONGEST_DIGEST = 200
_CARRIES = re.compile(r"[@?#]")


class Locks(Struct):
    """What one lock file fixes."""

    packages: list[LockedPackage]
    hashed: int = 0
    """How many of them have a digest."""
    problem: str = ""
    """Why a part was not read; empty if all was."""
    bare: int = 0
    """How many of them, the last, are kept without addresses, digests and needs."""

    @property
    def entries(self) -> int:
        """How many packages come from elsewhere than the project's own folders."""
        return sum(p.source != "path" for p in self.packages)


def pypi_name(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def address_of(value: object) -> str:
    """An address without what must not be passed on; empty if `value` is no text."""
    text = shortened(value, _LONGEST_ADDRESS) if isinstance(value, str) else ""
    return public_url(text) if _CARRIES.search(text) else text


def digests(found: Iterable[object]) -> tuple[str, ...]:
    """Those of `found` that may be digests, as written."""
    return tuple(h for h in found if isinstance(h, str) and 0 < len(h) <= _LONGEST_DIGEST)


def parsed_json(text: str) -> tuple[Any, str]:
    """The value of `text` and an empty problem, or None and what was wrong; long locks are read in C."""
    try:
        return msgspec.json.decode(text.removeprefix("\ufeff").encode("utf-8", "replace")), ""
    except RecursionError:
        return None, "nested too deeply"
    except msgspec.DecodeError as wrong:
        return None, f"broken syntax: {str(wrong)[:200]}"


def locked(found: Iterable[tuple[LockedPackage, bool]], problem: str = "") -> Locks:
    """Everything `found`, each with whether it has a digest, up to the bounds."""
    locks = Locks([], problem=problem)
    room = MAX_DETAIL
    for one, digest in found:
        if len(locks.packages) >= MAX_PACKAGES:
            locks.problem = locks.problem or f"only the first {MAX_PACKAGES:,} packages were read"
            break
        room -= _detail(one)
        if room < 0:
            one = msgspec.structs.replace(one, hashes=(), files=(), needs=())
            locks.bare += 1
        locks.packages.append(one)
        locks.hashed += digest and one.source != "path"
    return locks


def _detail(one: LockedPackage) -> int:
    files: tuple[LockedFile, ...] = one.files
    size = sum(map(len, one.hashes))
    size += sum(len(f.address) + sum(map(len, f.hashes)) for f in files)
    return size + sum(len(name) + len(version) for name, version in one.needs)


def section_lines(text: str, header: str) -> Iterator[tuple[int, str]]:
    """The lines, numbered from 1, below a top-level YAML key and before the next one."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line[0].isspace() and line[0] not in "-#":
            inside = line.rstrip() == header
        elif inside and line.strip():
            yield number, line
