"""OpenSSF Scorecard's JSON (`--format json`), as versions 4 and 5 write it.

Field names as `ossf/scorecard` v5 writes them (`pkg/scorecard/json.go`): `repo` with `name` and `commit`,
`scorecard` with `version`, `date`, `checks[]` with `name`, `score` (0 to 10, -1 if inconclusive), `reason`
and `details`. Bound to `repo.commit`. The aggregate score is not used: it hides which check gave what.

10 supports, 1 to 9 is partly met, 0 is counter-evidence, -1 is not observable. A zero is firm only where
the check saw the thing itself (dangerous workflows, excessive token permissions, open vulnerabilities);
elsewhere it means that the tool found no sign, and a person judges. Checks that speak to no provision are
left out.
"""

import re
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.reading import capped, json_object, listed, mapping, number, words
from assaymark.imports.report import ImportedReport, Statement, Tested
from assaymark.observation import Certainty, CheckInfo, Detail, Method, Outcome

__all__ = ["CHECKS", "IMPORTER"]

CHECKS = {
    "Binary-Artifacts": ("5.2.3-1#1",),
    "Branch-Protection": ("5.2.1-2#4", "5.2.2-1#2"),
    "CI-Tests": ("5.2.5-2#1",),
    "Code-Review": ("5.2.3-1#1",),
    "Dangerous-Workflow": ("5.2.2-1#2", "5.2.3-1#1"),
    "Dependency-Update-Tool": ("5.2.3-1#1", "5.4.1-1#1"),
    "Pinned-Dependencies": ("5.2.3-1#1",),
    "SAST": ("5.2.5-1#1",),
    "Security-Policy": ("5.2.2-4#1", "5.2.2-4#2"),
    "Signed-Releases": ("5.2.1-2#2", "5.2.3-1#1"),
    "Token-Permissions": ("5.2.2-1#2", "5.2.3-1#1"),
    "Vulnerabilities": ("5.2.3-1#1", "5.4.1-1#1"),
}
"""Check → the obligations that it speaks to. Not weighed: CII-Best-Practices, Contributors, Fuzzing, License,
Maintained, Packaging, SBOM, Webhooks."""

_MEASURED = ("Dangerous-Workflow", "Token-Permissions", "Vulnerabilities")
_MOST = 100


def _recognise(head: bytes, _: str) -> bool:
    checks = re.search(rb'(?<!\\)"checks"\s*:\s*\[', head)
    return bool(checks and re.search(rb'(?<!\\)"scorecard"\s*:\s*\{', head))


def _read(data: bytes, name: str) -> ImportedReport:
    report = json_object(data, name)
    checks = report.get("checks")
    if not isinstance(checks, list):
        raise UsageError(f"{name} has no list of checks.", "Give what `scorecard --format json` wrote.")
    repository = mapping(report.get("repo"))
    commit = words(repository.get("commit"), 100)
    known = [c for c in map(mapping, checks[:_MOST]) if words(c.get("name"), 100) in CHECKS]
    named = [words(c.get("name"), 100) for c in known]
    twice = sorted({n for n in named if named.count(n) > 1})
    return ImportedReport(
        importer=INFO.id,
        tool="OpenSSF Scorecard",
        tool_version=words(mapping(report.get("scorecard")).get("version"), 60),
        made_at=words(report.get("date"), 40),
        tested=(Tested("commit", words(repository.get("name"), 200), commit),) if commit else (),
        statements=tuple(_statement(c) for c in known),
        problems=tuple(f"{name} names the check {n} more than once." for n in twice),
    )


def _statement(check: dict[str, Any]) -> Statement:
    name = words(check.get("name"), 100)
    score = number(check.get("score"))
    reason = words(check.get("reason"), 300) or "no reason given"
    outcome = _outcome(score)
    shown = f"{score:g}/10" if outcome is not Outcome.NOT_OBSERVABLE and score is not None else "inconclusive"
    zero = outcome is Outcome.NOT_MET
    return Statement(
        obligations=CHECKS[name],
        outcome=outcome,
        summary=f"{name} {shown}: {reason.rstrip('.')}.",
        details=capped([Detail(words(d, 300)) for d in listed(check.get("details")) if words(d)]),
        method=Method.EXAMINE,
        certainty=Certainty.FIRM if zero and name in _MEASURED else Certainty.TENTATIVE,
        fix=""
        if outcome is Outcome.MET
        else f"See what Scorecard's documentation says of {name}, then run it anew.",
    )


def _outcome(score: float | None) -> Outcome:
    if score is None or not 0 <= score <= 10:
        return Outcome.NOT_OBSERVABLE
    if score == 0:
        return Outcome.NOT_MET
    return Outcome.MET if score == 10 else Outcome.PARTLY_MET


INFO = CheckInfo(
    id="import_scorecard",
    version=1,
    title="The repository follows the practices that OpenSSF Scorecard looks for.",
    why="How a repository is kept decides what can get into a release.",
    fix="Mend what the check names, then run Scorecard again.",
    blind_spots="Scorecard sees what the forge shows to its token, and looks for signs of a practice rather "
    "than for the practice. Settings may have changed since, without a new commit.",
    provisions=(),
    supports=("5.2.1-2", "5.2.2-1", "5.2.2-4", "5.2.3-1", "5.2.5-1", "5.2.5-2", "5.4.1-1"),
)

IMPORTER = Importer(
    format="scorecard",
    reads="OpenSSF Scorecard 4 and 5, `--format json`",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""
