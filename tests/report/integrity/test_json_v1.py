"""The JSON report: a broken twin for each rule."""

from typing import Any

import pytest

from tests.report.integrity.twins import FAILED, Break, broken, first, refused


def provision(d: dict[str, Any], number: str) -> dict[str, Any]:
    """A provision of the JSON report."""
    return first(d["results"], id=number)


JSON: dict[str, tuple[Break, str]] = {
    "count that is wrong": (lambda d: d["counts"].update(fail=0), "counts 0 as fail"),
    "total that is wrong": (lambda d: d["counts"].update(total=71), "counts 71 provisions"),
    "applicable that is wrong": (lambda d: d["counts"].update(applicable=72), "counts 72 as applicable"),
    "provision twice": (lambda d: d["results"].append(d["results"][0]), "stands more than once"),
    "provision missing": (lambda d: d["results"].pop(), "is missing"),
    "another verdict": (lambda d: provision(d, FAILED).update(verdict="pass"), "another verdict"),
    "another provision's obligation": (
        lambda d: provision(d, FAILED)["obligations"][0].update(id="5.1.1-1#1"),
        "is none of 5.2.3-1",
    ),
    "evidence that is not there": (
        lambda d: provision(d, FAILED)["obligations"][0]["evidence"].append(999),
        "rests on entry 999",
    ),
    "change of nothing": (lambda d: d["changes"][0].update(provision="9.9.9-9"), "a change concerns 9.9.9-9"),
    "entry twice": (lambda d: d["evidence"].append(d["evidence"][0]), "entry 0 stands more than once"),
    "another leaf": (lambda d: d["evidence"][0].update(leaf="f" * 64), "another leaf"),
    "entry beyond the ledger": (lambda d: d["ledger"].update(size=3), "lies beyond"),
    "check that is none": (lambda d: d["evidence"][0].update(check="gone"), "is by gone"),
    "obligation that is none": (
        lambda d: d["evidence"][0]["obligations"].append("9.9.9-9#1"),
        "is no obligation",
    ),
    "decides what it says nothing of": (
        lambda d: d["evidence"][0]["decisive"].append("5.1.1-1#1"),
        "decides what",
    ),
    "no digest": (lambda d: d["evidence"][0]["subjects"][0].update(sha256="xyz"), "is none: xyz"),
    "check twice": (lambda d: d["checks"].append(d["checks"][0]), "stands more than once"),
    "check of nothing": (lambda d: d["checks"][0]["supports"].append("9.9.9-9"), "is no provision"),
    "asset twice": (lambda d: d["assets"].append(d["assets"][0]), "stands more than once"),
    "edge to nothing": (lambda d: d["edges"][0].update(target="gone"), "ends at gone"),
    "another catalogue": (lambda d: d.update(catalogue_sha256="f" * 64), "catalogue's digest"),
}


@pytest.mark.parametrize("name", JSON)
def test_a_broken_report_is_refused(name: str) -> None:
    """Whatever in the JSON report contradicts itself or the assessment is named."""
    damage, reason = JSON[name]

    assert refused("json", broken("json", damage), reason)
