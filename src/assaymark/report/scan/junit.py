"""The scan as JUnit XML, as build servers read it: a test case for each file."""

from collections.abc import Iterator

from assaymark.inspection import Inspection, Level, ScanReport, Verdict
from assaymark.report.junit_xml import attributes, body, document

__all__ = ["render_junit"]


def render_junit(report: ScanReport) -> bytes:
    """One suite; dangerous and unknown files fail, those that are not covered whole are errors."""
    verdicts = [i.verdict for i in report.inspections]
    failures = sum(v in (Verdict.DANGEROUS, Verdict.UNKNOWN) for v in verdicts)
    errors = sum(v is Verdict.INCONCLUSIVE for v in verdicts)
    counts = {"tests": len(verdicts), "failures": failures, "errors": errors, "skipped": 0}
    lines = [
        f"<testsuites{attributes({'name': 'assaymark scan', **counts})}>",
        f"<testsuite{attributes({'name': report.target, **counts})}>",
        *(line for one in report.inspections for line in _case(one)),
        "</testsuite>",
        "</testsuites>",
    ]
    return document(lines)


def _case(one: Inspection) -> Iterator[str]:
    form = one.header.format if one.header else "unknown"
    start = f"<testcase{attributes({'classname': form, 'name': one.path})}"
    if one.verdict is Verdict.CLEAN:
        yield f"{start}/>"
        return
    tag = "error" if one.verdict is Verdict.INCONCLUSIVE else "failure"
    yield f"{start}>"
    about = attributes({"type": one.verdict.value, "message": _message(one)})
    yield f"<{tag}{about}>{_body(one)}</{tag}>"
    yield "</testcase>"


def _message(one: Inspection) -> str:
    if one.verdict is Verdict.INCONCLUSIVE:
        return f"not covered: {one.holes[0].reason}"
    return one.hazards[0].message


def _body(one: Inspection) -> str:
    told = [
        f"{h.level.value} [{h.rule}] {h.member} {h.message}" for h in one.hazards if h.level is not Level.NOTE
    ]
    told += [f"not covered: {h.member} {h.reason}" for h in one.holes]
    return body(["; ".join(told)])
