"""A folder → its regular files in code-point order, as a model signature lists them.

OMS v1.0, section 6.1.
"""

import os
import stat
from pathlib import Path

from msgspec import Struct

from assaymark.signing.names import covers, name_fault
from assaymark.signing.problems import Trouble
from assaymark.signing.reading import Stamp

__all__ = ["DEFAULT_IGNORED", "Found", "Listing", "list_files"]

DEFAULT_IGNORED = (".git", ".gitattributes", ".github", ".gitignore")
"""Left out at the top level only (OMS v1.0, section 6.2)."""
MAX_ENTRIES = 2_000_000
_DEEPEST = 256
_LINK = "is a symbolic link; links are only followed on request (--allow-symlinks)"


class Found(Struct, frozen=True, order=True):
    """A regular file."""

    name: str
    """Relative path, `/`-separated."""
    path: str
    """Where to open it; behind a link, if links are followed."""
    stamp: Stamp


class Listing(Struct, frozen=True):
    """What a folder holds."""

    files: tuple[Found, ...]
    """Sorted by code point."""
    troubles: tuple[Trouble, ...] = ()
    """Links, pipes, unreadable folders, unusable names; sorted."""
    ignored: int = 0
    """Files and folders that were left out on request."""


class _Walk:
    """One walk, without recursion; the stack holds folders yet to be read."""

    def __init__(self, root: Path, ignored: frozenset[str], needed: frozenset[str], links: bool) -> None:
        self.real = os.path.realpath(root)
        self.ignored = ignored
        self.needed = needed
        self.links = links
        self.files: list[Found] = []
        self.troubles: list[Trouble] = []
        self.left_out = 0
        self.entries = 0
        self.stack: list[tuple[str, str, tuple[str, ...]]] = [(self.real, "", (self.real,))]

    def run(self) -> Listing:
        while self.stack and self.entries <= MAX_ENTRIES:
            self.folder(*self.stack.pop())
        if self.stack:
            self.troubles.append(Trouble(".", f"holds more than {MAX_ENTRIES:,} files and folders"))
        return Listing(tuple(sorted(self.files)), tuple(sorted(self.troubles)), self.left_out)

    def folder(self, path: str, prefix: str, above: tuple[str, ...]) -> None:
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    self.entries += 1
                    self.entry(entry, prefix + entry.name, above)
        except OSError as error:
            self.troubles.append(Trouble(prefix.rstrip("/") or ".", f"cannot be listed: {error.strerror}"))

    def entry(self, entry: os.DirEntry[str], name: str, above: tuple[str, ...]) -> None:
        if covers(self.ignored, name) and name not in self.needed:
            self.left_out += 1
            return
        if fault := name_fault(name):
            self.troubles.append(Trouble(name, fault))
            return
        try:
            info = entry.stat(follow_symlinks=False)
            path = entry.path
            if stat.S_ISLNK(info.st_mode):
                path = self.followed(entry.path, name)
                if not path:
                    return
                info = Path(path).lstat()
        except OSError as error:
            self.troubles.append(Trouble(name, f"cannot be looked at: {error.strerror}"))
            return
        if stat.S_ISDIR(info.st_mode):
            self.deeper(path, name, above)
        elif stat.S_ISREG(info.st_mode):
            self.files.append(Found(name, path, Stamp.of(info)))
        else:
            self.troubles.append(Trouble(name, "is no regular file"))

    def deeper(self, path: str, name: str, above: tuple[str, ...]) -> None:
        if name.count("/") >= _DEEPEST:
            self.troubles.append(Trouble(name, f"lies more than {_DEEPEST} folders deep"))
        elif path in above:
            self.troubles.append(Trouble(name, "is a link to a folder above itself"))
        else:
            # Without links a folder cannot lie below itself, and the chain is not needed.
            self.stack.append((path, f"{name}/", (*above, path) if self.links else ()))

    def followed(self, path: str, name: str) -> str:
        """Where a link leads; empty, with a trouble noted, if it is not to be followed."""
        if not self.links:
            self.troubles.append(Trouble(name, _LINK))
            return ""
        real = os.path.realpath(path, strict=True)
        if real != self.real and not real.startswith(self.real.rstrip("/") + "/"):
            self.troubles.append(Trouble(name, "is a link out of the folder"))
            return ""
        return real


def list_files(
    root: Path,
    *,
    ignored: frozenset[str] = frozenset(),
    needed: frozenset[str] = frozenset(),
    links: bool = False,
) -> Listing:
    """The regular files below `root`.

    Args:
        root: a folder.
        ignored: relative paths to leave out, each with all that is below it.
        needed: files that are listed although they lie below an ignored path.
        links: follow symbolic links that stay inside.
    """
    above = {"/".join(name.split("/")[:n]) for name in needed for n in range(1, name.count("/") + 1)}
    return _Walk(root, ignored, needed | above, links).run()
