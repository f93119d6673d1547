"""The examples get the verdicts that were meant for them, and no other."""

from typing import Any

import pytest
from tests.examples.examples import EXAMPLES, NAMES, assessed, expected, planted

from assaymark.assess.assessment import Evidence
from assaymark.observation import Outcome
from assaymark.standard.catalogue import catalogue

_NEAR = 4
"""Lines between a comment that names a fault and the place where it must be found."""

FAULTS = [
    pytest.param(name, fault, id=f"{name}-{fault['check']}-{fault['at']}")
    for name in NAMES
    for fault in expected(name)["faults"]
]


def _found(name: str, check: str, *outcomes: Outcome) -> list[Evidence]:
    return [
        e
        for e in assessed(name).evidence
        if e.observation.check == check and (not outcomes or e.observation.outcome in outcomes)
    ]


def _verdicts(name: str) -> dict[str, str]:
    return {r.id: r.verdict.value for r in assessed(name).results}


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_is_found_where_it_is(name: str, fault: dict[str, Any]) -> None:
    """The check that is meant to see it says so, as surely as it can, and points at the file and line."""
    against = [e.observation for e in _found(name, fault["check"], Outcome.NOT_MET)]
    assert fault.get("certainty", "tentative") in {o.certainty.value for o in against}
    places = {str(d.at) for o in against for d in o.details if d.at is not None}
    assert fault["at"] in places


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_planted_fault_has_its_consequence(name: str, fault: dict[str, Any]) -> None:
    """A firm fault fails its provisions; one that a person has to judge keeps them from passing."""
    verdicts = _verdicts(name)
    assert {p: verdicts[p] for p in fault["verdicts"]} == fault["verdicts"]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_built_well_is_seen(name: str) -> None:
    """Planted strengths: these checks are met, with nothing found against them."""
    wanted = expected(name)["met"]
    met = [c for c in wanted if _found(name, c, Outcome.MET) and not _found(name, c, Outcome.NOT_MET)]
    assert met == wanted


@pytest.mark.parametrize("name", NAMES)
def test_near_misses_raise_no_alarm(name: str) -> None:
    """What resembles a fault and is none is not held against the system."""
    alarms = {c for c in expected(name)["must_not"] if _found(name, c, Outcome.NOT_MET)}
    assert not alarms


@pytest.mark.parametrize("name", NAMES)
def test_exclusions_name_who_decided(name: str) -> None:
    """What does not apply was left out by the person or rule written down here."""
    decided = {
        r.id: r.applicability.decided_by
        for r in assessed(name).results
        if r.verdict.value == "not applicable"
    }
    assert decided == expected(name)["not_applicable"]


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_is_the_expected_one(name: str) -> None:
    """The whole table, so that any change shows in review (`python -m tests.examples.renew`)."""
    assert _verdicts(name) == expected(name)["verdicts"]


@pytest.mark.parametrize("name", NAMES)
def test_no_provision_is_missing(name: str) -> None:
    """All 72 are judged, in the standard's order."""
    assert list(_verdicts(name)) == [p.id for p in catalogue().provisions]


@pytest.mark.parametrize("name", NAMES)
def test_no_check_breaks(name: str) -> None:
    """Nothing ends in an error, and the reader is told of no problem but the expected ones."""
    broken = [e.observation for e in assessed(name).evidence if e.observation.outcome is Outcome.ERROR]
    assert not broken
    assert list(assessed(name).problems) == expected(name).get("problems", [])


@pytest.mark.parametrize("name", NAMES)
def test_every_comment_on_a_fault_has_its_expectation(name: str) -> None:
    """No fault is planted in the tree without a check that has to find it."""
    places = [fault["at"].partition(":") for fault in expected(name)["faults"]]
    wanted = [(path, int(line or 0)) for path, _, line in places]
    wanted += [(path, line) for path, line in map(_place, expected(name).get("planted_elsewhere", []))]
    lost = [
        (path, line)
        for path, line in planted(name)
        if not any(p == path and (not n or abs(n - line) <= _NEAR) for p, n in wanted)
    ]
    assert not lost


def _place(text: str) -> tuple[str, int]:
    path, _, line = text.partition(":")
    return path, int(line or 0)


def test_examples_are_small() -> None:
    """No file of an example is larger than 100 KB."""
    large = [p for p in EXAMPLES.rglob("*") if p.is_file() and p.stat().st_size > 100_000]
    assert not large
