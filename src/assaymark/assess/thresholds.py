"""Bounds and periods that are ours, not the standard's: one list, printed in every report."""

from collections import Counter
from collections.abc import Iterable

from assaymark.assess.assessment import Threshold
from assaymark.ledger.attestation import LONGEST_DAYS
from assaymark.ledger.entry import MAX_ENTRY_BYTES
from assaymark.standard.provision import Provision

__all__ = ["thresholds"]

_RULES = (
    Threshold(
        name="counter-evidence",
        value="one firm finding fails",
        meaning="A firm, fresh finding against an obligation fails it, however much speaks for it.",
    ),
    Threshold(
        name="tentative findings",
        value="never fail, never pass",
        meaning="A finding that a person has to judge keeps the verdict inconclusive until somebody does.",
    ),
    Threshold(
        name="pass",
        value="every applicable shall and should",
        meaning="A provision passes only if each obligation that applies has firm, fresh, decisive evidence.",
    ),
    Threshold(
        name="longest attestation",
        value=f"{LONGEST_DAYS:,} days",
        meaning="A file that states a longer validity is not read, whoever signed it.",
    ),
    Threshold(
        name="ledger entry",
        value=f"{MAX_ENTRY_BYTES:,} bytes",
        meaning="Longest entry; a finding with more details is recorded with as many as fit, and says so.",
    ),
)


def thresholds(provisions: Iterable[Provision], further: Iterable[Threshold] = ()) -> tuple[Threshold, ...]:
    """All of them: the rules of judging, how long a person's statement counts, then `further` ones."""
    days = Counter(p.validity_days for p in provisions)
    periods = (
        Threshold(
            name=f"attestation, {period} days",
            value=f"{period} days",
            meaning=f"How long a person's statement counts for {count} of {days.total()} provisions.",
        )
        for period, count in sorted(days.items())
    )
    return (*_RULES, *periods, *further)
