"""Which waivers count."""

import pytest
from tests.assess.samples import TODAY

from assaymark.assess.waivers import invalid_waivers, valid_waivers
from assaymark.system.system import System, Waiver


def _waiver(reason: str = "r", owner: str = "Ada", until: str = "2026-11-23") -> Waiver:
    return Waiver(provision="5.1.1-1", reason=reason, owner=owner, until=until)


def test_a_waiver_counts_up_to_its_last_day() -> None:
    """With a reason and an owner."""
    system = System(name="demo", waivers=(_waiver(),))
    assert valid_waivers(system, TODAY) == {"5.1.1-1": _waiver()}
    assert invalid_waivers(system, TODAY) == ()


@pytest.mark.parametrize(
    ("waiver", "fault"),
    [
        (_waiver(reason=" "), "it names no reason"),
        (_waiver(owner=""), "it names no owner"),
        (_waiver(until="2026-11-22"), "it ended on 2026-11-22"),
        (_waiver(until="never"), "its end, 'never', is no date"),
    ],
)
def test_a_waiver_that_lacks_something_does_not_count(waiver: Waiver, fault: str) -> None:
    """And the report says what."""
    system = System(name="demo", waivers=(waiver,))
    assert valid_waivers(system, TODAY) == {}
    assert invalid_waivers(system, TODAY) == (f"The waiver of 5.1.1-1 does not count: {fault}.",)


def test_of_several_the_one_that_ends_last_counts() -> None:
    """Whatever their order."""
    long, short = _waiver(until="2027-01-01"), _waiver()
    for waivers in ((long, short), (short, long)):
        assert valid_waivers(System(name="demo", waivers=waivers), TODAY) == {"5.1.1-1": long}
