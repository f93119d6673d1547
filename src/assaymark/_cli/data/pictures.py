"""Images of suspects, and of clean records beside them, read again for the report."""

from collections.abc import Sequence

from assaymark.dataset.finding import Level
from assaymark.dataset.reading.open import DataSet, Record
from assaymark.dataset.record import Kind
from assaymark.dataset.scan import DataScan
from assaymark.report.data.document import DataReport, FindingEntry, PlaceEntry
from assaymark.report.data.pictures import Gallery, Thumb, data_uri, difference, shrunk
from assaymark.report.data.words import place_words
from assaymark.report.text import printable

__all__ = ["galleries"]

_FINDINGS = 12
"""Findings that get pictures."""
_SHOWN = 10
_READ = 48
"""Suspects read, and clean records, for the picture of the trigger."""


def galleries(scan: DataScan, report: DataReport) -> dict[int, Gallery]:
    """Finding by its number → its pictures; nothing for data without images."""
    if scan.data is None or (scan.layout.kind is not Kind.IMAGES and not scan.layout.roles.image):
        return {}
    wanted = [f for f in report.findings if f.level != Level.NOTE.value][:_FINDINGS]
    return {f.number: _gallery(scan, scan.data, f) for f in wanted}


def _gallery(scan: DataScan, data: DataSet, finding: FindingEntry) -> Gallery:
    here = [row - scan.earlier for row in finding.rows if row >= scan.earlier]
    suspects = _read(data, here[:_READ])
    rows = set(here)
    near = _read(data, _neighbours(scan, [r.row for r in suspects] or here[:_READ], rows))
    own = [r for r in near if r.label == finding.label] if finding.label else []
    clean = own if len(own) >= 4 else near
    # Records that only look mislabelled share no pattern; a picture of one would mislead.
    shared = bool(finding.trigger) or finding.level == Level.SUSPECT.value
    gap = difference([r.image for r in suspects], [r.image for r in clean]) if shared else None
    pixels = finding.trigger.get("pixels", "")
    return Gallery(
        pattern=f"data:image/png;base64,{pixels}" if pixels else "",
        trigger=data_uri(gap) if gap is not None else "",
        suspects=tuple(_thumb(r) for r in suspects[:_SHOWN]),
        clean=tuple(_thumb(r) for r in clean[:_SHOWN]),
        clean_of=finding.label if clean is own else "",
    )


def _read(data: DataSet, rows: Sequence[int]) -> list[Record]:
    found = data.records(rows)
    return [found[row] for row in rows if found[row].image is not None]


def _neighbours(scan: DataScan, rows: Sequence[int], bearers: set[int]) -> list[int]:
    """Records near the suspects that nobody flags: they lie in parts that are read anyway."""
    found: dict[int, None] = {}
    for step in range(1, 200):
        for row in rows:
            for near in (row - step, row + step):
                inside = 0 <= near < scan.total - scan.earlier
                if inside and near not in bearers and not scan.flagged[near + scan.earlier]:
                    found[near] = None
        if len(found) >= 2 * _READ:
            break
    return list(found)[: 2 * _READ]


def _thumb(record: Record) -> Thumb:
    at = PlaceEntry(record.row, record.place.file, record.place.row)
    label = f" ({record.label})" if record.label is not None else ""
    return Thumb(
        uri=data_uri(shrunk(record.image)), caption=printable(f"{place_words(at)}{label}"), row=record.row
    )
