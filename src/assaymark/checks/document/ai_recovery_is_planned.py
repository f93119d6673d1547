"""Recovery of the AI system is planned and was exercised."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.2-5#2",))
def ai_recovery_is_planned(documents: tuple[Document, ...], system: System, today: date) -> Iterator[Finding]:
    """Recovery of the AI system is planned and was exercised.

    Why: A model, its prompts and its data must go back together; a plan that restores only servers
    leaves the damaged part running.

    Fix: Describe in docs/recovery-plan.md how to go back to an earlier model, prompt and data set,
    what runs meanwhile, and from which backup; try it and write `Last exercised:` with the date.

    Blind spots: Whether the steps work is not tried. It reads what is written, by headings and
    words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("ai_recovery_is_planned"), documents, system, today)
