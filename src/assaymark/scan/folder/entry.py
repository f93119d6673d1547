"""A folder as its rules see it: files with what was found in each."""

from collections.abc import Callable, Iterator, Sequence
from posixpath import dirname, normpath

from msgspec import Struct

from assaymark.inspection import Hazard, Hole, Inspection, Level
from assaymark.scan.blob import Blob
from assaymark.scan.config.hazards import hazard
from assaymark.scan.folder.names import table

__all__ = ["Finding", "Folder", "FolderEntry", "Read", "Tree", "note"]

Finding = tuple[str, Hazard | Hole]
"""The path that it is said of, and what."""
Read = Callable[[str], Blob | None]
"""A file's bytes by the path of its entry; None if it cannot be had."""


class FolderEntry(Struct, frozen=True):
    """One file."""

    path: str
    """POSIX path relative to what is scanned."""
    size: int
    inspection: Inspection | None = None
    """None if no inspector knew its content."""

    @property
    def name(self) -> str:
        """Last component of the path."""
        return self.path.rpartition("/")[2]

    @property
    def format(self) -> str:
        """What its content is, or nothing."""
        header = self.inspection.header if self.inspection else None
        return header.format if header else ""

    @property
    def weights(self) -> bool:
        """Whether it holds a model, or a part of one."""
        return bool(self.format) and self.format not in table()["formats"]["beside"]

    @property
    def pickled(self) -> bool:
        """Whether loading it unpickles."""
        return self.format in table()["formats"]["pickled"]

    def fact(self, key: str) -> str:
        """A fact of its header."""
        header = self.inspection.header if self.inspection else None
        return next((v for k, v in header.metadata if k == key), "") if header else ""

    def hazards(self, rule: str) -> Iterator[Hazard]:
        """What was found in it under one rule."""
        yield from (h for h in self.inspection.hazards if h.rule == rule) if self.inspection else ()


class Folder(Struct, frozen=True):
    """A folder that holds a model or its configuration."""

    path: str
    """Empty for the root."""
    files: dict[str, FolderEntry]
    """All files in it and below, by path relative to it."""
    read: Read

    def here(self) -> Iterator[FolderEntry]:
        """Files directly in it."""
        yield from (e for name, e in self.files.items() if "/" not in name)

    def text(self, name: str, limit: int) -> str | None:
        """The beginning of a file as text, or None."""
        entry = self.files.get(name)
        blob = self.read(entry.path) if entry is not None else None
        return blob.read(0, limit).decode("utf-8", "replace") if blob is not None else None


class Tree:
    """All entries, and the folders among them that are models."""

    def __init__(self, entries: Sequence[FolderEntry], read: Read) -> None:
        self.entries = {normpath(e.path): e for e in entries}
        self._read = read

    def models(self) -> Iterator[Folder]:
        """Every folder with weights or a model's configuration directly in it, outermost first."""
        roots = {dirname(path) for path, e in self.entries.items() if e.weights or _configures(e)}
        below = self._below(roots)
        for root in sorted(roots):
            yield Folder(root, below[root], self._read)

    def _below(self, roots: set[str]) -> dict[str, dict[str, FolderEntry]]:
        """The files of each root, found by walking up from each file."""
        found: dict[str, dict[str, FolderEntry]] = {root: {} for root in roots}
        for path, entry in self.entries.items():
            above, steps = dirname(path), 0
            while steps < 64:
                if above in found:
                    found[above][path[len(above) + 1 :] if above else path] = entry
                if not above or above == "/":
                    break
                above, steps = dirname(above), steps + 1
        return found


def _configures(entry: FolderEntry) -> bool:
    return entry.format.startswith("hf-") or entry.format == "mlflow"


def note(rule: str, message: str, subject: str = "", level: Level = Level.NOTE, evidence: str = "") -> Hazard:
    """A hazard of the folder, a note unless said otherwise."""
    return hazard(rule, level, subject, message, evidence=evidence)
