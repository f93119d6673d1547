"""JUnit XML: the counts are those of the cases, every provision has one case, and only a pass is green."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assaymark.report.integrity.known import Known, twice

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["problems"]

_TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_SHOWN = {"pass": [], "fail": ["failure"], "inconclusive": ["skipped"], "not applicable": ["skipped"]}
"""Verdict → what stands in its case."""


def problems(data: bytes, known: Known) -> Iterator[str]:
    """Broken rules of a JUnit report of an assessment; the file is our own, never a stranger's."""
    from xml.etree import ElementTree as ET

    try:
        root = ET.fromstring(data)  # noqa: S314 - what we have just written ourselves
    except ET.ParseError as error:
        yield f"it is no XML: {error}"
        return
    suites = root.findall("testsuite")
    yield from _counts("the whole", root, [c for s in suites for c in s.findall("testcase")])
    for suite in suites:
        yield from _counts(suite.get("name", ""), suite, suite.findall("testcase"))
    cases = [c for s in suites for c in s.findall("testcase")]
    yield from (f"case `{n}` stands more than once" for n in twice(c.get("name", "") for c in cases))
    shown = [_property(c, "provision") for c in cases]
    yield from (f"provision {p} has {shown.count(p)} cases" for p in known.verdicts if shown.count(p) != 1)
    for case in cases:
        yield from _case(case, known)


def _counts(who: str, node: "Element", cases: Sequence["Element"]) -> Iterator[str]:
    if node.get("tests") != str(len(cases)):
        yield f"{who} counts {node.get('tests')} tests, and holds {len(cases)}"
    for name, tag in _TAGS.items():
        held = sum(c.find(tag) is not None for c in cases)
        if node.get(name) != str(held):
            yield f"{who} counts {node.get(name)} {name}, and holds {held}"


def _case(case: "Element", known: Known) -> Iterator[str]:
    provision, verdict = _property(case, "provision"), _property(case, "verdict")
    if known.verdicts.get(provision) != verdict:
        yield f"case {provision} has another verdict than the assessment"
    shown = [child.tag for child in case if child.tag in _TAGS.values()]
    if shown != _SHOWN.get(verdict):
        yield f"case {provision} is shown as {' and '.join(shown) or 'passed'}, and its verdict is {verdict}"
    for name in ("evidence", "counter-evidence"):
        for index in _property(case, name).split():
            if int(index) not in known.leaves:
                yield f"case {provision} rests on entry {index}, which the assessment does not hold"


def _property(case: "Element", name: str) -> str:
    found = case.find(f"properties/property[@name='{name}']")
    return "" if found is None else found.get("value", "")
