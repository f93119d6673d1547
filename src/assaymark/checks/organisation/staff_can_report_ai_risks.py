"""Staff are encouraged, and able, to report AI security risks."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, partly_met
from assaymark.checks.document._documents import expectation, judge
from assaymark.observation import Outcome
from assaymark.scan.facts import Document
from assaymark.system.system import System

_TABLE = Path(__file__).with_name("_expectations.yaml")
_TEMPLATES = (".github/issue_template/", ".gitlab/issue_templates/")
_WORDS = ("risk", "security", "vulnerab", "safety")


@check(supports=("5.1.2-5.1",))
def staff_can_report_ai_risks(
    documents: tuple[Document, ...], tree: Tree, system: System, today: date
) -> Iterator[Finding]:
    """Staff are encouraged, and able, to report AI security risks.

    Why: Whoever works with a system every day sees first that it behaves oddly, and says so only where
    that is welcome and easy.

    Fix: Say in docs/reporting-ai-risks.md where staff report AI risks and what happens then; an issue
    template for AI risks makes it easy.

    Blind spots: Culture cannot be parsed; the check sees a written route and issue templates only.
    """
    templates = [
        f.path
        for f in tree.files
        if f.path.lower().startswith(_TEMPLATES) and any(w in f.path.lower() for w in _WORDS)
    ]
    for finding in judge(expectation("staff_can_report_ai_risks", _TABLE), documents, system, today):
        if finding.outcome is Outcome.NOT_OBSERVABLE and templates:
            yield partly_met(
                f"{len(templates)} issue templates for risks are there; what happens with a report is "
                "not said.",
                *(at("An issue template.", path) for path in templates),
            )
        else:
            yield finding
