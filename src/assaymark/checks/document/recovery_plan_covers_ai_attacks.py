"""The disaster-recovery plan deals with attacks on AI and was exercised."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, check
from assaymark.checks.document._documents import expectation, judge
from assaymark.scan.facts import Document
from assaymark.system.system import System


@check(supports=("5.2.1-3",))
def recovery_plan_covers_ai_attacks(
    documents: tuple[Document, ...], system: System, today: date
) -> Iterator[Finding]:
    """The disaster-recovery plan deals with attacks on AI and was exercised.

    Why: After a poisoning or a stolen model the usual restore brings the attack back with the
    backup; recovery must know which state was good.

    Fix: Write docs/recovery-plan.md: what to do after poisoning, model theft or takeover by prompt
    injection, how to return to a known good model, data set and prompt, how soon, by whom; exercise
    it and write the date in.

    Blind spots: Whether the backups can be restored is not tried. It reads what is written, by
    headings and words, and cannot tell whether it is thorough or true.
    """
    yield from judge(expectation("recovery_plan_covers_ai_attacks"), documents, system, today)
