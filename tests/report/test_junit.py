"""The assessment as JUnit XML: well-formed whatever a system is called, and green only where it passes."""

from collections import Counter
from xml.etree import ElementTree as ET

import junitparser
import pytest
from msgspec.structs import replace

from assaymark.assess.assessment import Verdict
from assaymark.report.junit import render_junit
from assaymark.report.text import printable
from tests.report.exports import exported, judged
from tests.report.sample import HOSTILE


def parsed() -> junitparser.JUnitXml:
    """As junitparser reads it."""
    return junitparser.JUnitXml.fromstring(exported("junit"))


def shown() -> dict[str, list[junitparser.Element]]:
    """Provision → results in its case."""
    return {case.name.partition(" ")[0]: case.result for suite in parsed() for case in suite}


def test_a_suite_a_principle_and_a_case_a_provision() -> None:
    """13 suites, 72 cases, in the standard's order."""
    assert len(parsed()) == 13
    assert list(shown()) == [p.id for p in judged().provisions]


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.FAIL, junitparser.Failure),
        (Verdict.INCONCLUSIVE, junitparser.Skipped),
        (Verdict.NOT_APPLICABLE, junitparser.Skipped),
    ],
)
def test_each_verdict_is_shown_as_what_it_is(verdict: Verdict, kind: type) -> None:
    """Failures fail; what is open or does not apply is skipped, with verdict and reason in the message."""
    mine = [r for r in judged().results if r.verdict is verdict]
    assert mine
    for r in mine:
        (result,) = shown()[r.id]
        assert type(result) is kind
        assert printable(r.reason)[:200] in result.message
        assert verdict is Verdict.FAIL or result.message.startswith(f"{verdict.value}: ")


def test_only_a_pass_is_green() -> None:
    """A case without a result is a provision that passes, and no other."""
    green = {number for number, result in shown().items() if not result}

    assert green == {r.id for r in judged().results if r.verdict is Verdict.PASS}


def test_counts_are_those_of_the_verdicts() -> None:
    """In the whole and, summed, in the suites."""
    verdicts = Counter(r.verdict for r in judged().results)
    whole = parsed()

    assert (whole.tests, whole.failures, whole.errors) == (72, verdicts[Verdict.FAIL], 0)
    assert whole.skipped == verdicts[Verdict.INCONCLUSIVE] + verdicts[Verdict.NOT_APPLICABLE]
    assert sum(s.tests for s in whole) == 72
    assert sum(s.failures for s in whole) == verdicts[Verdict.FAIL]


def test_a_failure_says_where_and_what_next() -> None:
    """Its type is the force that is unmet; places and next steps are in the text, not without end."""
    (failure,) = shown()["5.2.3-1"]

    assert failure.type == "shall"
    assert "weights/ranker.pkl: The pickle imports `posix.system` and calls it." in failure.text
    assert "app/load.py:41: `torch.load` without `weights_only=True`." in failure.text
    assert "Next: " in failure.text
    many = replace(judged().evidence[0].observation, details=judged().evidence[0].observation.details * 9)
    evidence = (replace(judged().evidence[0], observation=many), *judged().evidence[1:])
    assert b"further places." in render_junit(replace(judged(), evidence=evidence))


def test_a_waiver_is_told_and_turns_nothing_green() -> None:
    """A waived failure fails; who waived it stands beside it."""
    case = next(
        c for c in ET.fromstring(exported("junit")).iter("testcase") if "5.2.1-4 " in c.get("name", "")
    )
    properties = {p.get("name"): p.get("value", "") for p in case.iter("property")}

    assert case.find("failure") is not None
    assert properties["waiver"].startswith("Ada Example, until 2027-01-31: ")


@pytest.mark.parametrize(
    "name", [HOSTILE, "\ud800", "]]>", "\x00\x0b\x0c\x1b[2J", "\ufffe\uffff", "a\nb\tc\rd"]
)
def test_any_text_makes_well_formed_xml_that_no_terminal_obeys(name: str) -> None:
    """What XML forbids and what steers a terminal stand as escapes, in attributes and in text."""
    odd = replace(judged().evidence[4].observation, summary=name)
    evidence = tuple(replace(e, observation=odd) if e.index == 4 else e for e in judged().evidence)
    results = tuple(replace(r, reason=name, moves=(name,)) for r in judged().results)
    system = replace(judged().system, name=name)
    data = render_junit(replace(judged(), system=system, results=results, evidence=evidence))

    root = ET.fromstring(data)
    assert root.get("name") == f"EN 304 223 V2.1.1: {printable(name)}"
    assert printable(data.decode("utf-8").replace("\n", "")) == data.decode("utf-8").replace("\n", "")


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """Nothing in it depends on when or where it is written."""
    assert render_junit(judged()) == exported("junit")
