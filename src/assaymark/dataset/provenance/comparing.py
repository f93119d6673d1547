"""Files that are not as recorded → their records: changed, missing, added, repeated or moved."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.provenance.columns import Wanted
from assaymark.dataset.provenance.difference import edits, moves, originals
from assaymark.dataset.provenance.forms import form_of
from assaymark.dataset.provenance.manifest import DataManifest
from assaymark.dataset.provenance.manifest import Records as Recorded
from assaymark.dataset.provenance.rows import RowsFile, RowsWriter, read_rows
from assaymark.dataset.provenance.tables import Ended, read_chunks
from assaymark.signing.listing import Found
from assaymark.signing.problems import Difference, Kind, shown

__all__ = ["MOST", "Records", "RowChange"]

MOST = 1000
"""Records of each kind that are named; all are counted."""


class RowChange(Struct, frozen=True, order=True):
    """One record that is not as it was recorded."""

    kind: str
    """`changed`, `missing`, `added`, `duplicated` or `moved`."""
    file: str
    """Where it stands; for a missing record, where it stood."""
    row: int
    """From 1."""
    was_file: str = ""
    """Where it stood before, or where the record stood that it repeats; empty if that says nothing."""
    was_row: int = 0

    def __str__(self) -> str:
        at = f"{shown(self.file)}:{self.row}"
        was = f"{shown(self.was_file)}:{self.was_row}" if self.was_file else ""
        told = {"changed": "was ", "moved": "from ", "duplicated": "the same as "}.get(self.kind, "")
        return f"{self.kind}: {at}" + (f" ({told}{was})" if was and was != at else "")


class _Side(Struct):
    """Records that went, or that came, and are not accounted for yet."""

    names: list[str]
    rows: list[NDArray[np.int64]]
    digests: list[NDArray[np.uint8]]

    def add(self, name: str, rows: NDArray[np.int64], digests: NDArray[np.uint8]) -> None:
        if len(rows):
            self.names.append(name)
            self.rows.append(rows)
            self.digests.append(np.asarray(digests))

    def joined(self, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """For each record its file's index, its row from 0, and its digest."""
        if not self.names:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros((0, width), np.uint8)
        files = np.repeat(np.arange(len(self.names)), [len(rows) for rows in self.rows])
        return files, np.concatenate(self.rows), np.concatenate(self.digests)


class Records:
    """Compares the records of one file after the other, then what is left among all of them."""

    def __init__(self, manifest: DataManifest, rows: RowsFile) -> None:
        """Begin, with nothing compared."""
        self.notes: list[str] = []
        self.told: dict[str, str] = {}
        """File → what to say of its records, where the file as a whole is missing or new."""
        self._rows = rows
        self._recorded = {e.name: e.records for e in manifest.entries if e.records is not None}
        self._starts: dict[str, int] = {}
        at = 0
        for name, records in self._recorded.items():
            self._starts[name] = at
            at += records.count
        self._changes: list[RowChange] = []
        self._counts = dict.fromkeys(("changed", "missing", "added", "duplicated", "moved"), 0)
        self._gone, self._came = _Side([], [], []), _Side([], [], [])
        self._folder = tempfile.TemporaryDirectory(prefix="assaymark-")

    def take(self, difference: Difference, found: Found | None) -> None:
        """Compare one file that is not as recorded."""
        name, kind = difference.name, difference.kind
        recorded = self._recorded.get(name)
        if kind is Kind.CHANGED and recorded is not None and found is not None:
            self._changed(name, recorded, self._digested(found, recorded))
        elif kind in (Kind.MISSING, Kind.UNREADABLE) and recorded is not None:
            self._gone.add(name, np.arange(recorded.count), self._old(name))
            if not difference.detail:
                self.told[name] = _told(recorded.count)
        elif kind is Kind.EXTRA and found is not None:
            digests = self._digested(found, None)
            self._came.add(name, np.arange(len(digests)), digests)
            if len(digests):
                self.told[name] = _told(len(digests))

    def result(self) -> tuple[list[RowChange], dict[str, int]]:
        """Records that differ, the first of each kind, and how many there are of each."""
        gone_file, gone_row, gone = self._gone.joined(self._rows.width)
        came_file, came_row, came = self._came.joined(self._rows.width)
        went, arrived = moves(gone, came)
        for a, b in zip(went[:MOST].tolist(), arrived[:MOST].tolist(), strict=True):
            new = self._came.names[came_file[b]], int(came_row[b]) + 1
            self._changes.append(
                RowChange("moved", *new, self._gone.names[gone_file[a]], int(gone_row[a]) + 1)
            )
        self._counts["moved"] += len(went)
        left = np.setdiff1d(np.arange(len(gone)), went, assume_unique=True)
        self._name("missing", left, self._gone.names, gone_file, gone_row)
        left = np.setdiff1d(np.arange(len(came)), arrived, assume_unique=True)
        first = originals(self._rows.digests, came[left])
        self._name("added", left[first < 0], self._came.names, came_file, came_row)
        self._name("duplicated", left[first >= 0], self._came.names, came_file, came_row, first[first >= 0])
        return sorted(self._changes), {kind: number for kind, number in self._counts.items() if number}

    def _name(
        self, kind: str, which: NDArray[np.int64], names: list[str], files: NDArray[np.int64],
        rows: NDArray[np.int64], first: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """Count records, and name those that do not lie in a file that is named as a whole."""
        self._counts[kind] += len(which)
        named = 0
        for at, position in enumerate(which.tolist()):
            name = names[files[position]]
            if name in self.told and first is None:
                continue
            before = self._place(int(first[at])) if first is not None else ("", 0)
            self._changes.append(RowChange(kind, name, int(rows[position]) + 1, *before))
            named += 1
            if named >= MOST:
                return

    def _place(self, position: int) -> tuple[str, int]:
        name = max((s, n) for n, s in self._starts.items() if s <= position and self._recorded[n].count)[1]
        return name, position - self._starts[name] + 1

    def _changed(self, name: str, recorded: Recorded, new: NDArray[np.uint8]) -> None:
        old = self._old(name)
        found = edits(old, new)
        for kind, (was, at) in (("changed", found.changed), ("moved", found.moved)):
            self._counts[kind] += len(was)
            for a, b in zip(was[:MOST].tolist(), at[:MOST].tolist(), strict=True):
                self._changes.append(RowChange(kind, name, b + 1, name, a + 1))
        self._gone.add(name, found.missing, old[found.missing])
        self._came.add(name, found.added, new[found.added])
        if found.none:
            self.notes.append(f"{name}: its bytes changed, and its records, as they are read, did not.")

    def _old(self, name: str) -> NDArray[np.uint8]:
        start = self._starts[name]
        return self._rows.digests[start : start + self._recorded[name].count]

    def _digested(self, found: Found, recorded: Recorded | None) -> NDArray[np.uint8]:
        """Digests of a file's records, read as they were when recorded."""
        form = recorded.form if recorded is not None else form_of(found)
        if form is None:
            return np.zeros((0, self._rows.width), np.uint8)
        unreadable = 0
        path = Path(self._folder.name) / f"{len(list(Path(self._folder.name).iterdir()))}.rows"
        with RowsWriter(path, self._rows.width) as writer:
            try:
                for chunk in read_chunks(found, form, recorded.wanted if recorded is not None else Wanted()):
                    writer.add(chunk.records)
                    unreadable += len(chunk.unreadable)
            except Ended as error:
                if recorded is None or not recorded.problem:
                    self.notes.append(f"{found.name} {error} after {writer.count:,} records.")
            writer.finish()
        digests = read_rows(path).digests
        if unreadable:
            self.notes.append(
                f"{found.name}: {unreadable:,} records could not be read and are compared by their bytes."
            )
        return digests

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()


def _told(count: int) -> str:
    return f"{count:,} record" if count == 1 else f"{count:,} records"
