"""Lock files → what they fix: every package with its exact version, and how many have a digest."""

import re
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Raw

from assaymark.observation import Location
from assaymark.scan.facts import Fact, LockedPackage, Lockfile, ScanProblem
from assaymark.scan.infra._locked import Locks
from assaymark.scan.infra._locks_conda import conda_lock, explicit_list
from assaymark.scan.infra._locks_npm import package_lock
from assaymark.scan.infra._locks_python import pipfile_lock
from assaymark.scan.infra._locks_toml import toml_lock
from assaymark.scan.infra._locks_yarn import bun_lock, pnpm_lock, yarn_lock

__all__ = ["LOCKS", "lock_of", "scan_lock"]

Lock = tuple[str, str, str, Callable[[str], Locks]]

LOCKS: dict[str, Lock] = {
    "uv.lock": ("pypi", "uv", "pyproject.toml", toml_lock),
    "poetry.lock": ("pypi", "poetry", "pyproject.toml", toml_lock),
    "pdm.lock": ("pypi", "pdm", "pyproject.toml", toml_lock),
    "pylock.toml": ("pypi", "pip", "pyproject.toml", toml_lock),
    "pipfile.lock": ("pypi", "pipenv", "Pipfile", pipfile_lock),
    "package-lock.json": ("npm", "npm", "package.json", package_lock),
    "npm-shrinkwrap.json": ("npm", "npm", "package.json", package_lock),
    "pnpm-lock.yaml": ("npm", "pnpm", "package.json", pnpm_lock),
    "yarn.lock": ("npm", "yarn", "package.json", yarn_lock),
    "bun.lock": ("npm", "bun", "package.json", bun_lock),
    "conda-lock.yml": ("conda", "conda-lock", "environment.yml", conda_lock),
    "conda-linux-64.lock": ("conda", "conda-lock", "environment.yml", conda_lock),
    "pixi.lock": ("conda", "pixi", "pixi.toml", conda_lock),
}
"""File name in lower case → ecosystem, tool, the declaration beside it, how to read it."""

_EXPLICIT: Lock = ("conda", "conda-lock", "environment.yml", explicit_list)
_PYLOCK = re.compile(r"pylock\.[\w\-]{1,60}\.toml\Z")
_CONDA = re.compile(
    r"(?!.{0,200}(?:requirements|constraints))(?:conda[\w.\-]{0,60}|[\w.\-]{0,60}(?:explicit|spec[\-_]file|spec[\-_]list)[\w.\-]{0,60})\.(?:lock|txt)\Z"
)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|={7}$)", re.MULTILINE)


def lock_of(name: str) -> Lock | None:
    """How to read the file with this base name in lower case; None if that is no lock's name."""
    if name in LOCKS:
        return LOCKS[name]
    if _PYLOCK.match(name):
        return LOCKS["pylock.toml"]
    if name.endswith(("conda-lock.yml", "conda-lock.yaml")):
        return LOCKS["conda-lock.yml"]
    return _EXPLICIT if _CONDA.match(name) else None


def scan_lock(path: str, text: str) -> Iterator[Fact]:
    """The lock file as a whole, and what could not be read of it."""
    folder, _, name = path.rpartition("/")
    lock = lock_of(name.lower())
    if lock is None:
        return
    ecosystem, tool, declaration, read = lock
    found = read(text)
    conflict = _CONFLICT.search(text)
    problem = "merge conflict markers" if conflict else found.problem
    if problem:
        line = text.count("\n", 0, conflict.start()) + 1 if conflict else 0
        partial = bool(found.packages)
        yield ScanProblem(at=Location(path, line), scanner="lock file", reason=problem, partial=partial)
    if not found.packages and lock is _EXPLICIT:
        return  # a text that only sounds like a list of packages
    yield Lockfile(
        at=Location(path),
        ecosystem=ecosystem,
        tool=tool,
        entries=found.entries,
        hashed=min(found.hashed, found.entries),
        covers=f"{folder}/{declaration}" if folder else declaration,
        packages=tuple(_named(p) for p in found.packages),
        detail=Raw(msgspec.json.encode(found.packages)),
        bare=found.bare,
    )


def _named(one: LockedPackage) -> LockedPackage:
    return LockedPackage(
        ecosystem=one.ecosystem, name=one.name, version=one.version, line=one.line, source=one.source
    )
