"""Records of data say what each data set is used for in the model."""

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
from assaymark.checks._findings import capped, counted
from assaymark.checks.data._records import outside_sources, records_of
from assaymark.scan.facts import Download, HubReference, ProvenanceRecord


@check("5.2.4-2#3", supports=("5.1.2-3#2",))
def public_data_use_is_documented(
    references: tuple[HubReference, ...],
    downloads: tuple[Download, ...],
    records: tuple[ProvenanceRecord, ...],
) -> Iterator[Finding]:
    """Records of data say what each data set is used for in the model.

    Why: Data for pre-training, tuning, retrieval and testing do different harm when poisoned. Which
    models to withdraw can be told only if each data set's use is on record.

    Fix: Add a `use` column to the data card: which model and version, and whether for training, tuning,
    retrieval or evaluation.

    Blind spots: It sees that a use is stated for data sets that code names; data copied in by hand, and
    uses stated in prose, are not seen.
    """
    sources = outside_sources(references, downloads)
    found = [(s, records_of(s, records)) for s in sources]
    recorded = [(s, rs) for s, rs in found if rs]
    used = [(s, rs) for s, rs in recorded if any(r.use for r in rs)]
    details = [
        at(f"The record of `{s.name}` states no use.", rs[0]) for s, rs in recorded if (s, rs) not in used
    ]
    total = counted(len(sources), "data set")
    if not sources:
        yield not_applicable("No data set is taken from a hub or an address.")
    elif not recorded:
        yield not_observable(f"No record of {total} taken from outside is in the tree.")
    elif len(used) == len(sources):
        yield met(f"A use is on record for all {total} taken from outside.")
    elif used:
        yield partly_met(f"A use is on record for {len(used)} of {total}.", *capped(details))
    else:
        yield not_met(f"No record of {total} states its use in the model.", *capped(details), tentative=True)
