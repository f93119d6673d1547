"""The conformance statement: a broken twin for each rule."""

from typing import Any

import pytest

from tests.report.integrity.twins import FAILED, OUT, PASSED, Break, broken, first, refused


def row(d: dict[str, Any], number: str) -> dict[str, Any]:
    """The row of a provision or an obligation."""
    return first(d["rows"], id=number)


ICS: dict[str, tuple[Break, str]] = {
    "another catalogue": (lambda d: d.update(catalogue_sha256="f" * 64), "catalogue's digest"),
    "row twice": (lambda d: d["rows"].append(d["rows"][0]), "stands more than once"),
    "row missing": (lambda d: d["rows"].pop(), "is missing"),
    "row of nothing": (lambda d: row(d, PASSED).update(id="9.9.9-9"), "row 9.9.9-9 is no provision"),
    "obligation of nothing": (lambda d: row(d, f"{PASSED}#1").update(id=f"{PASSED}#9"), "is no obligation"),
    "row of another provision": (lambda d: row(d, f"{PASSED}#1").update(provision=FAILED), "belongs to"),
    "support miscounted": (lambda d: d["provisions"].update(supported=70), "counts 70 provisions as Y"),
    "obligations miscounted": (lambda d: d["obligations"].update(not_determined=0), "as not determined"),
    "total miscounted": (lambda d: d["obligations"].update(total=114), "totals of obligations"),
    "applicable miscounted": (lambda d: d["provisions"].update(applicable=72), "totals of provisions"),
    "reference twice": (lambda d: d["references"].append(d["references"][0]), "stands more than once"),
    "another leaf": (lambda d: d["references"][0].update(leaf="f" * 64), "another leaf"),
    "another verdict": (lambda d: row(d, OUT).update(verdict="pass"), "another verdict"),
    "evidence that is not there": (lambda d: row(d, PASSED)["evidence"].append(999), "entry 999"),
    "counter-evidence that is not there": (
        lambda d: row(d, FAILED)["counter_evidence"].append(999),
        "entry 999",
    ),
    "support without evidence": (lambda d: row(d, PASSED).update(evidence=[]), "on the verdict pass and 0"),
    "support without a pass": (
        lambda d: row(d, f"{PASSED}#1").update(verdict="inconclusive"),
        "on the verdict inconclusive",
    ),
    "failure that is supported": (lambda d: row(d, FAILED).update(support="Y"), "and the support Y"),
}


@pytest.mark.parametrize("name", ICS)
def test_a_broken_statement_is_refused(name: str) -> None:
    """Whatever in the statement contradicts itself or the assessment is named."""
    damage, reason = ICS[name]

    assert refused("ics", broken("ics", damage), reason)
