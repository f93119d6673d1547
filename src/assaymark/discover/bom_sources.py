"""The few files that a bill of materials needs word for word: read again, bounded, held to their digest."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from assaymark.asset import NotLookedAt, Tree
from assaymark.scan.facts import Document, Fact
from assaymark.scan.paths import is_test_path
from assaymark.source.file import OutOfTime, clock, open_blob

__all__ = ["PROJECT_FILES", "Sources", "read_sources", "wanted"]

MAX_BYTES = 16 << 20
"""Bytes of one file that are read; a longer one is left out and told."""
MAX_FILES = 2_000
MAX_ALL = 256 << 20
"""Bytes of all of them."""
PROJECT_FILES = ("pyproject.toml", "package.json", "Cargo.toml")
"""Files at the top of a tree that state the licence of the project itself."""


class Sources(Struct, frozen=True):
    """Texts by path, and what could not be had."""

    texts: dict[str, str]
    holes: tuple[NotLookedAt, ...] = ()


def wanted(facts: Iterable[Fact], tree: Tree) -> tuple[str, ...]:
    """Model cards and the project's own description; material of tests is left out."""
    cards = {f.at.path for f in facts if isinstance(f, Document) and f.kind == "model-card"}
    found = {f.path for f in tree.files if f.path in PROJECT_FILES or f.path in cards}
    return tuple(sorted(p for p in found if not is_test_path(p)))


def read_sources(root: Path, paths: Iterable[str], tree: Tree) -> Sources:
    """The text of each path, if it still is what the tree holds."""
    digests = {f.path: f.sha256 for f in tree.files}
    texts: dict[str, str] = {}
    holes = []
    size = 0
    for number, path in enumerate(paths):
        room = number < MAX_FILES and size < MAX_ALL
        text, problem = _read(root, path, digests[path]) if room else ("", _TOO_MANY)
        size += len(text)
        if problem:
            holes.append(NotLookedAt(path=path, reason=f"for the bill of materials: {problem}"))
        else:
            texts[path] = text
    return Sources(texts, tuple(holes))


_TOO_MANY = f"more than {MAX_FILES:,} model cards, or {MAX_ALL:,} bytes of them"


def _read(root: Path, path: str, sha256: str) -> tuple[str, str]:
    try:
        with clock(20), open_blob(root / path, path) as blob:
            if blob.size > MAX_BYTES:
                return "", f"longer than the bound of {MAX_BYTES:,} bytes"
            data = blob.read()
            if blob.sha256 != sha256:
                return "", "it changed since it was listed; run it again"
    except (OSError, ValueError) as error:
        return "", f"it cannot be read again ({getattr(error, 'strerror', None) or error})"
    except OutOfTime:
        return "", "reading it took more than 20 s of processor time"
    return data.decode("utf-8-sig", "replace"), ""
