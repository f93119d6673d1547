"""Find a repository's objects and HEAD by reading a few plain files; its configuration is never read."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

__all__ = ["Repository", "find_repository"]

_HEX = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
_REF = re.compile(r"refs/[\w./@+=-]{1,300}\Z")
_MAX_FILE = 4 << 20
_MAX_TAGS = 2000
_MAX_ANCESTORS = 40
_MAX_DEPTH = 10


class Repository(Struct, frozen=True):
    """Where history lies, as far as it can be told without running git."""

    objects: Path
    """The object store, which git is pointed at."""
    head: str
    """Commit that HEAD resolves to; empty if there is none."""
    prefix: str
    """POSIX path of the assessed folder within the work tree, ending in `/`; empty at its root."""
    shallow: tuple[str, ...]
    """Commits whose parents were never fetched."""
    tags: tuple[tuple[str, str], ...]
    """Tag and the object it names."""
    problem: str = ""
    """Why the history cannot be read, if so."""


def find_repository(root: Path) -> Repository | None:
    """The repository whose work tree holds `root`; None if there is none.

    A `.git` file is followed only to a worktree that points back, or into the `.git` of an ancestor:
    elsewhere it could name any repository on the machine.
    """
    root = root.resolve()
    for depth, folder in enumerate((root, *root.parents)):
        mark = folder / ".git"
        if depth > _MAX_ANCESTORS:
            break
        if mark.is_symlink() or not (mark.is_dir() or mark.is_file()):
            continue
        prefix = "" if folder == root else root.relative_to(folder).as_posix() + "/"
        git_dir = mark if mark.is_dir() else _linked(mark)
        if git_dir is None:
            return _unreadable(prefix, "its .git file points at a place that is not its own")
        return _read(git_dir, prefix)
    return None


def _unreadable(prefix: str, problem: str) -> Repository:
    return Repository(Path(), "", prefix, (), (), problem)


def _linked(mark: Path) -> Path | None:
    text = _text(mark)
    if not text.startswith("gitdir:"):
        return None
    target = _real(mark.parent / text[7:].strip())
    if target is None or not target.is_dir():
        return None
    back = _text(target / "gitdir").strip()
    if back and _real(target / back) == mark.resolve():
        return target
    own = any((parent / ".git").resolve() in target.parents for parent in mark.parents)
    return target if own else None


def _real(path: Path) -> Path | None:
    """Where `path` leads; None for what is no path: a NUL, a name too long, a ring of links."""
    try:
        real = path.resolve()
        real.is_dir()
    except (OSError, ValueError, RuntimeError):
        return None
    return real


def _read(git_dir: Path, prefix: str) -> Repository:
    common = _common(git_dir)
    objects = common / "objects"
    if objects.is_symlink() or not objects.is_dir() or "\n" in str(objects):
        return _unreadable(prefix, "its object store is missing or not a plain folder")
    packed = dict(_packed(_text(common / "packed-refs")))
    head = _resolve(git_dir, common, packed)
    shallow = tuple(c for c in _text(common / "shallow").split() if _HEX.match(c))
    problem = "" if head else "there is no commit yet, or HEAD cannot be resolved"
    tags = tuple(sorted(_tags(common, packed).items()))[-_MAX_TAGS:]
    return Repository(objects, head, prefix, shallow, tags, problem)


def _common(git_dir: Path) -> Path:
    """The main repository of a worktree; only one of which this is a part."""
    named = _text(git_dir / "commondir").strip()
    if not named:
        return git_dir
    common = _real(git_dir / named)
    return common if common in git_dir.resolve().parents and common is not None else git_dir


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_MAX_FILE).decode("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return ""


def _packed(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        digest, _, name = line.partition(" ")
        if _HEX.match(digest) and _is_ref(name):
            yield name, digest


def _is_ref(name: str) -> bool:
    return _REF.match(name) is not None and ".." not in name


def _resolve(git_dir: Path, common: Path, packed: dict[str, str]) -> str:
    value = _text(git_dir / "HEAD").strip()
    for _ in range(5):
        if _HEX.match(value):
            return value
        name = value.removeprefix("ref:").strip()
        if not _is_ref(name):
            return ""
        value = (_text(git_dir / name) or _text(common / name)).strip() or packed.get(name, "")
    return ""


def _tags(common: Path, packed: dict[str, str]) -> dict[str, str]:
    found = {n.removeprefix("refs/tags/"): d for n, d in packed.items() if n.startswith("refs/tags/")}
    folder = common / "refs" / "tags"
    if folder.is_symlink():
        return found
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < _MAX_DEPTH else []
        for name in sorted(files):
            file = Path(place, name)
            digest = _text(file).strip()
            if len(found) < _MAX_TAGS and _HEX.match(digest):
                found[file.relative_to(folder).as_posix()] = digest
    return found
