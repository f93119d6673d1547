"""Counts, shares and exit codes."""

import pytest
from msgspec.structs import replace
from tests.assess.samples import EXCLUDED, SYSTEM, judged, provision, seen

from assaymark.assess.assessment import Freshness, ProvisionResult
from assaymark.assess.summary import FAIL_ON, by_phase, by_principle, gate, overall
from assaymark.observation import Outcome
from assaymark.standard.catalogue import catalogue
from assaymark.standard.provision import Force
from assaymark.system.system import System, Waiver

WAIVED = System(
    name="demo", waivers=(Waiver(provision="5.1.1-1", reason="r", owner="o", until="2026-12-31"),)
)


def _failed(force: Force, system: System = SYSTEM) -> ProvisionResult:
    return judged(seen(0, Outcome.NOT_MET), of=provision(force), system=system)


def test_the_unknown_stays_in_the_denominator() -> None:
    """What applies and is not known counts as applicable, and as not met."""
    results = [
        judged(seen(0)),
        _failed(Force.SHALL),
        _failed(Force.SHOULD, WAIVED),
        judged(),
        judged(seen(0, freshness=Freshness.STALE)),
        judged(whole=EXCLUDED),
    ]
    tally = overall(results)
    assert str(tally.met) == "1 of 5"
    assert str(tally.decided) == "3 of 5"
    assert (tally.passed, tally.failed, tally.failed_shall, tally.inconclusive) == (1, 2, 1, 2)
    assert (tally.not_applicable, tally.applicable, tally.total) == (1, 5, 6)
    assert (tally.stale, tally.waived) == (1, 1)


def test_groups_cover_every_provision_once() -> None:
    """13 principles and five phases, in the standard's order."""
    provisions = catalogue().provisions
    results = [replace(judged(), id=p.id) for p in provisions]
    principles, phases = by_principle(provisions, results), by_phase(provisions, results)
    assert [t.number for t in principles] == list(range(1, 14))
    assert [t.inconclusive for t in phases] == [26, 31, 5, 8, 2]
    assert sum(t.total for t in principles) == 72


@pytest.mark.parametrize(
    ("results", "codes"),
    [
        ([], (0, 0, 0)),
        ([judged()], (0, 0, 0)),
        ([_failed(Force.SHOULD)], (0, 0, 11)),
        ([_failed(Force.SHALL)], (0, 12, 12)),
        ([_failed(Force.SHOULD), _failed(Force.SHALL)], (0, 12, 12)),
        ([_failed(Force.SHALL, WAIVED)], (0, 0, 0)),
        ([_failed(Force.SHALL, WAIVED), _failed(Force.SHOULD)], (0, 0, 11)),
    ],
)
def test_the_exit_code_follows_what_is_unmet(
    results: list[ProvisionResult], codes: tuple[int, int, int]
) -> None:
    """A waiver holds back its own provision alone."""
    assert tuple(gate(results, on) for on in FAIL_ON) == codes
