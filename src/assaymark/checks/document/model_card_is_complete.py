"""The model card tells what a user needs to know for security."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check("5.2.4-1.1")
def model_card_is_complete(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """The model card tells what a user needs to know for security.

    Why: Whoever takes over a model can only guess at poisoned sources, wrong uses and missing
    guardrails that its card leaves out.

    Fix: Fill in MODEL_CARD.md: sources of training and fine-tuning data, feedback, intended scope,
    limits, guardrails, retention time, review frequency and failure modes. Where one does not
    apply, say so in a sentence.

    Blind spots: It reads what is written, by headings and words, and cannot tell whether it is
    thorough or true.
    """
    yield from judge(expectation("model_card_is_complete"), documents, system, today)
