"""JUnit XML: a broken twin for each rule; junitparser reads them all."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import junitparser
import pytest

from tests.report.exports import exported
from tests.report.integrity.twins import FAILED, refused


def case(root: ET.Element, number: str) -> ET.Element:
    """The case of a provision."""
    return next(c for c in root.iter("testcase") if c.get("name", "").startswith(f"{number} "))


def told(root: ET.Element, number: str, name: str) -> ET.Element:
    """A property of it."""
    return next(p for p in case(root, number).iter("property") if p.get("name") == name)


def without(node: ET.Element, tag: str) -> None:
    """Take a child away."""
    child = node.find(tag)
    assert child is not None
    node.remove(child)


JUNIT: dict[str, tuple[Callable[[ET.Element], object], str]] = {
    "tests miscounted": (lambda r: r.set("tests", "71"), "counts 71 tests"),
    "failures miscounted in a suite": (lambda r: r[0].set("failures", "9"), "counts 9 failures"),
    "green without a pass": (lambda r: without(case(r, FAILED), "failure"), "is shown as passed"),
    "red though it is open": (lambda r: ET.SubElement(case(r, "5.1.1-1"), "failure"), "skipped and failure"),
    "case twice": (lambda r: r[0].append(case(r, FAILED)), "stands more than once"),
    "case missing": (lambda r: r[0].remove(case(r, "5.1.1-1")), "provision 5.1.1-1 has 0 cases"),
    "another verdict": (lambda r: told(r, FAILED, "verdict").set("value", "inconclusive"), "another verdict"),
    "evidence that is not there": (
        lambda r: told(r, FAILED, "counter-evidence").set("value", "999"),
        "rests on entry 999",
    ),
}


@pytest.mark.parametrize("name", JUNIT)
def test_broken_junit_is_refused(name: str) -> None:
    """A count that is not the cases', a case that is shown as what it is not, a reference to nothing."""
    root = ET.fromstring(exported("junit"))
    damage, reason = JUNIT[name]
    damage(root)

    assert len(junitparser.JUnitXml.fromstring(ET.tostring(root))) == 13
    assert refused("junit", ET.tostring(root, "unicode"), reason)
