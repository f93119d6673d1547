"""The number of a record → its place, from the report alone. Pure."""

from bisect import bisect_right

from assaymark.report.data.document import DataReport, PlaceEntry

__all__ = ["Places"]


class Places:
    """Where each record of a report stands."""

    def __init__(self, report: DataReport) -> None:
        self._files = sorted((f for f in report.files if f.records), key=lambda f: f.first)
        self._firsts = [f.first for f in self._files]
        self._single = report.data_format in ("images", "text folder")
        self._lines = {f.name: f.first_line for f in report.files}
        self._told = {e.at.row: e.at for f in report.findings for e in f.examples}
        self._told |= {s.at.row: s.at for s in report.suspects}

    def line(self, at: PlaceEntry) -> int:
        """Line of a record in its file, where a record is a line; 0 elsewhere."""
        first = self._lines.get(at.file, 0)
        return first + at.line - 1 if first and at.line else 0

    def of(self, row: int) -> PlaceEntry:
        """The place of record `row`: as the scan told it, else counted from its file's first record."""
        if row in self._told:
            return self._told[row]
        at = bisect_right(self._firsts, row) - 1
        if at < 0 or row >= self._firsts[at] + self._files[at].records:
            return PlaceEntry(row, "", 0)
        file = self._files[at]
        return PlaceEntry(row, file.name, 0 if self._single else row - file.first + 1)
