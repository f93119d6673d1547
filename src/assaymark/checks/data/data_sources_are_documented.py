"""Each data set that code takes from outside has a record of its origin."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.data._records import at_run_time, outside_sources, records_of
from assaymark.scan.facts import Document, Download, HubReference, ProvenanceRecord


@check("5.2.4-2#2", supports=("5.2.4-1.1",))
def data_sources_are_documented(
    references: tuple[HubReference, ...],
    downloads: tuple[Download, ...],
    records: tuple[ProvenanceRecord, ...],
    documents: tuple[Document, ...],
) -> Iterator[Finding]:
    """Each data set that code takes from outside has a record of its origin.

    Why: That public data was poisoned is often found out after training. Only a record tells whether
    your model was trained on it, and what has to be retrained.

    Fix: Add a row to docs/data-card.md for each data set: name, source, retrieved, licence, use; or
    keep a `data/sources.yaml` or a Croissant file beside the data.

    Blind spots: A record is matched by the data set's name or address. Data that people copied in by
    hand, and records kept in a catalogue elsewhere, are not seen.
    """
    sources = outside_sources(references, downloads)
    bare = [s for s in sources if not records_of(s, records)]
    cards = [d for d in documents if d.kind == "data-card" and not d.template]
    total = counted(len(sources), "data set")
    details = [at(f"`{s.name}` has no record of its origin.", s.fact) for s in bare]
    if not sources:
        unnamed = [r for r in in_product(references) if r.kind == "dataset" and not r.local]
        yield (
            at_run_time(unnamed)
            if unnamed
            else not_applicable("No data set is taken from a hub or an address.")
        )
    elif not bare:
        matched = [
            at(f"`{s.name}`: {records_of(s, records)[0].source}", records_of(s, records)[0]) for s in sources
        ]
        yield met(f"All {total} taken from outside have a record of their origin.", *capped(matched))
    elif cards:
        details += [at("A data card that may speak of them in prose.", d) for d in cards]
        yield partly_met(f"{len(bare)} of {total} are in no table of a data card.", *capped(details))
    else:
        summary = f"{len(bare)} of {total} taken from outside have no record of their origin."
        yield not_met(summary, *capped(details), tentative=True)
