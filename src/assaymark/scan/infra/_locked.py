"""What the readers of lock files share: one package made from its parts, and the bounds."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from assaymark.scan.facts import LockedPackage

__all__ = ["MAX_PACKAGES", "Locks", "kept_hashes", "locked", "pypi_name", "section_lines"]

MAX_PACKAGES = 50_000
"""Packages of one lock file that are kept."""
KEPT_HASHES = 4
LONGEST = 200
"""Characters of a name or version that are kept."""


class Locks(Struct):
    """What one lock file fixes."""

    packages: list[LockedPackage]
    hashed: int
    """How many of them have a digest."""
    problem: str = ""
    """Why a part was not read; empty if all was."""


def pypi_name(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def kept_hashes(found: Iterable[str]) -> tuple[str, ...]:
    """The first four of the digests, each at most 200 characters."""
    return tuple(h[:LONGEST] for h, _ in zip(found, range(KEPT_HASHES), strict=False))


def locked(found: Iterable[tuple[LockedPackage, bool]], problem: str = "") -> Locks:
    """Everything `found`, each with whether it has a digest, up to the bound."""
    packages: list[LockedPackage] = []
    hashed = 0
    for one, digest in found:
        if len(packages) >= MAX_PACKAGES:
            problem = problem or f"only the first {MAX_PACKAGES:,} packages were read"
            break
        packages.append(one)
        hashed += digest
    return Locks(packages, hashed, problem)


def section_lines(text: str, header: str) -> Iterator[tuple[int, str]]:
    """The lines, numbered from 1, below a top-level YAML key and before the next one."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line[0].isspace() and line[0] not in "-#":
            inside = line.rstrip() == header
        elif inside and line.strip():
            yield number, line
