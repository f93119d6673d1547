"""The scan as JUnit XML, as build servers read it: a test case for each file."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from assaymark.inspection import Inspection, Level, ScanReport, Verdict
from assaymark.report.text import printable

__all__ = ["render_junit"]

_LONGEST = 4_000


def render_junit(report: ScanReport) -> bytes:
    """One suite; dangerous and unknown files fail, those that are not covered whole are errors."""
    verdicts = [i.verdict for i in report.inspections]
    failures = sum(v in (Verdict.DANGEROUS, Verdict.UNKNOWN) for v in verdicts)
    errors = sum(v is Verdict.INCONCLUSIVE for v in verdicts)
    counts = f'tests="{len(verdicts)}" failures="{failures}" errors="{errors}" skipped="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="assaymark scan" {counts}>',
        f"<testsuite name={_attribute(report.target)} {counts}>",
        *(line for one in report.inspections for line in _case(one)),
        "</testsuite>",
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "xmlcharrefreplace")


def _case(one: Inspection) -> Iterator[str]:
    form = one.header.format if one.header else "unknown"
    start = f"<testcase classname={_attribute(form)} name={_attribute(one.path)}"
    if one.verdict is Verdict.CLEAN:
        yield f"{start}/>"
        return
    tag = "error" if one.verdict is Verdict.INCONCLUSIVE else "failure"
    yield f"{start}>"
    about = f"type={_attribute(one.verdict.value)} message={_attribute(_message(one))}"
    yield f"<{tag} {about}>{_body(one)}</{tag}>"
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
    return escape(printable("; ".join(told)[:_LONGEST]))


def _attribute(text: str) -> str:
    return quoteattr(printable(text[:_LONGEST]))
