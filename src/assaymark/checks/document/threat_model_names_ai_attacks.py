"""The threat model deals with attacks that only AI systems have."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.1.3-1#3",))
def threat_model_names_ai_attacks(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """The threat model deals with attacks that only AI systems have.

    Why: A model for ordinary software leaves out that data can be poisoned, that training records
    can be inferred or reconstructed from answers, and that an input can take the model over; nobody
    then plans against them.

    Fix: Add to docs/threat-model.md, for each of poisoning, model inversion, membership inference
    and manipulated input: where it could happen in this system, how bad it would be, and what is
    done about it; where one cannot happen, say why.

    Blind spots: A threat model kept in a tool or a spreadsheet outside the tree is not seen. It
    reads what is written, by headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("threat_model_names_ai_attacks"), documents, system, today)
