"""Which files a folder holds: a bounded walk that follows no link and opens nothing."""

import operator
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from assaymark.asset import NotLookedAt
from assaymark.errors import NothingToAssess

__all__ = ["OWN", "Found", "Walk", "shown_path", "walk"]

MAX_FILES = 200_000
"""Files after which the walk stops and says so."""
MAX_DEPTH = 60
"""Folders within folders after which the walk goes no deeper and says so."""
OWN = "reports and evidence about the system, kept by Assaymark"
"""Why a ledger or report that stands in the tree is left out."""

_PRUNED = {
    ".git": "version control (its history is read apart)",
    ".hg": "version control",
    ".svn": "version control",
    "node_modules": "installed packages",
    "site-packages": "installed packages",
    "bower_components": "installed packages",
    "__pycache__": "compiled caches",
    ".mypy_cache": "tool caches",
    ".pytest_cache": "tool caches",
    ".ruff_cache": "tool caches",
    ".tox": "tool caches",
    ".nox": "tool caches",
    ".hypothesis": "tool caches",
    ".gradle": "tool caches",
    ".next": "build output",
    ".terraform": "tool caches",
}
_VENV_MARK = "pyvenv.cfg"
_path = operator.attrgetter("path")


class Found(Struct, frozen=True, order=True):
    """A regular file, as the file system describes it."""

    path: str
    """POSIX path relative to the root, as the operating system names it (bytes that are not UTF-8
    appear as lone surrogates)."""
    size: int
    mtime_ns: int
    inode: int

    @property
    def shown(self) -> str:
        """The path in valid Unicode: what facts and reports call the file."""
        return shown_path(self.path)


class Walk(Struct, frozen=True):
    """What the walk saw."""

    files: tuple[Found, ...]
    """Sorted by path."""
    not_looked_at: tuple[NotLookedAt, ...]


def shown_path(path: str) -> str:
    """`path` with bytes that are not UTF-8 written as escapes, so that it can be encoded."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class _Walker:
    def __init__(self, root: Path, exclude: Sequence[str], skip: frozenset[Path]) -> None:
        self.root = root
        self.exclude = tuple(e for p in exclude for e in (p, f"{p}/*"))
        self.skip = frozenset(map(str, skip))
        self.files: list[Found] = []
        self.missed: list[NotLookedAt] = []

    def run(self) -> Walk:
        pending: list[tuple[str, int]] = [("", 0)]
        while pending:
            folder, depth = pending.pop()
            if len(self.files) >= MAX_FILES:
                self._miss(folder or ".", f"the tree has more than {MAX_FILES:,} files", 0)
                break
            if depth > MAX_DEPTH:
                self._miss(folder, f"folders are nested deeper than {MAX_DEPTH}", 0)
                continue
            pending += [(sub, depth + 1) for sub in self._visit(folder)]
        return Walk(tuple(sorted(self.files, key=_path)), tuple(self.missed))

    def _visit(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                listed = list(entries)
        except OSError as error:
            self._miss(folder or ".", f"the folder cannot be read ({error.strerror})", 0)
            return
        for entry in listed:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if self._left_out(entry, path):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield path
            elif len(self.files) < MAX_FILES:
                self._file(entry, path)
            else:
                self._miss(folder or ".", f"the tree has more than {MAX_FILES:,} files", 0)
                return

    def _left_out(self, entry: os.DirEntry[str], path: str) -> bool:
        if entry.is_symlink():
            self._miss(path, "a symbolic link; links are not followed")
        elif self.skip and entry.path in self.skip:
            self._miss(path, OWN, 0)
        elif self.exclude and any(fnmatchcase(path, p) for p in self.exclude):
            self._miss(path, "left out by the manifest's `exclude`", 0)
        elif entry.is_dir(follow_symlinks=False) and self._pruned(entry):
            self._miss(path, _PRUNED.get(entry.name, "a Python virtual environment"), 0)
        else:
            return False
        return True

    def _pruned(self, entry: os.DirEntry[str]) -> bool:
        return entry.name in _PRUNED or os.path.lexists(f"{entry.path}/{_VENV_MARK}")

    def _file(self, entry: os.DirEntry[str], path: str) -> None:
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._miss(path, f"cannot be read ({error.strerror})")
            return
        if stat.S_ISREG(info.st_mode):
            self.files.append(Found(path, info.st_size, info.st_mtime_ns, info.st_ino))
        else:
            self._miss(path, "not a regular file (a device, pipe or socket)")

    def _miss(self, path: str, reason: str, files: int = 1) -> None:
        self.missed.append(NotLookedAt(path=shown_path(path), reason=reason, files=files))


def walk(root: Path, *, exclude: Sequence[str] = (), skip: frozenset[Path] = frozenset()) -> Walk:
    """List the regular files below `root`.

    Args:
        root: the folder to assess; itself may be reached through a link.
        exclude: glob patterns relative to the root (the manifest's).
        skip: absolute paths that Assaymark itself writes to.

    Raises:
        NothingToAssess: `root` is not a readable folder, or holds no file.
    """
    if not root.is_dir():
        kind = "is a file, not a folder" if root.is_file() else "does not exist or cannot be read"
        raise NothingToAssess(f"{root} {kind}.", "Name the folder that holds the AI project.")
    seen = _Walker(root, exclude, skip).run()
    if not seen.files:
        reasons = "".join(f"\n  {m.path}: {m.reason}" for m in seen.not_looked_at[:5])
        raise NothingToAssess(f"{root} holds no file that can be read.{reasons}", "Name another folder.")
    return seen
