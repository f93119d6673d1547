"""Records of data say when it was obtained."""

from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.data._records import outside_sources
from assaymark.scan.facts import DataFile, Download, HubReference, ProvenanceRecord
from assaymark.scan.paths import is_test_path


@check("5.2.4-2.1")
def data_acquisition_is_dated(
    records: tuple[ProvenanceRecord, ...],
    data: tuple[DataFile, ...],
    references: tuple[HubReference, ...],
    downloads: tuple[Download, ...],
) -> Iterator[Finding]:
    """Records of data say when it was obtained.

    Why: The same address serves different content on different days. Whether a page was poisoned when
    you fetched it can be told only from the date.

    Fix: Add `retrieved_at` (ISO 8601) beside each source in the data card or `data/sources.yaml`, or a
    `source_url` and a `retrieved_at` column to the records themselves.

    Blind spots: It sees that a date is there, not that it is the right one. Dates in prose, or in a
    catalogue elsewhere, are not seen.
    """
    kept = [r for r in _kept(records) if not r.source.startswith("MLflow")]
    rows = [d for d in in_product(data) if d.sources and d.times]
    undated = [r for r in kept if not r.retrieved_at]
    details = [at(f"`{r.subject or r.source}` has a source and no date.", r) for r in undated]
    if not kept and rows:
        seen = [at("Each record has a source and a time.", d) for d in rows]
        yield met(f"{counted(len(rows), 'data file')} carry source and time of each record.", *capped(seen))
    elif not kept:
        files = [d for d in in_product(data) if d.role == "train"]
        if files or outside_sources(references, downloads):
            yield not_observable("No record says where and when data was obtained.")
        else:
            yield not_applicable("No training data or outside data set is seen.")
    elif not undated:
        yield met(f"All {counted(len(kept), 'record')} of data give a source and a date.")
    elif len(undated) < len(kept):
        yield partly_met(f"{len(undated)} of {counted(len(kept), 'record')} give no date.", *capped(details))
    else:
        summary = f"None of {counted(len(kept), 'record')} of data gives a date."
        yield not_met(summary, *capped(details), tentative=True)


def _kept(records: tuple[ProvenanceRecord, ...]) -> list[ProvenanceRecord]:
    """Records belong into documentation, so only those among tests are left out."""
    return [r for r in records if not is_test_path(r.at.path)]
