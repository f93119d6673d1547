"""Intervals of shares, against values that can be looked up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.measure.intervals import (
    clopper_pearson,
    most_allowed,
    needed,
    share,
    upper_bound,
    wilson,
)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 299, 0.0, 0.0122616),
        (3, 500, 0.0012391, 0.0174337),
        (5, 10, 0.1870860, 0.8129140),
        (10, 10, 0.6915029, 1.0),
        (120, 40_000, 0.0024879, 0.0035862),
    ],
)
def test_the_exact_interval_is_that_of_the_tables(count: int, total: int, low: float, high: float) -> None:
    """Clopper and Pearson's bounds agree with the quantiles of the beta distribution."""
    assert clopper_pearson(count, total) == pytest.approx((low, high), abs=1e-6)


def test_wilson_is_that_of_the_tables() -> None:
    """Ten of a hundred: 5.5 % to 17.4 %."""
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_one_percent_takes_299_clean_samples() -> None:
    """The rule of three, exactly: 299 are enough with none flagged, 298 are not."""
    assert needed(0.01) == 299
    assert most_allowed(299, 0.01) == 0
    assert most_allowed(298, 0.01) == -1


@settings(deadline=None)  # a busy machine is no defect
@given(st.integers(1, 3_000), st.sampled_from([0.005, 0.01, 0.05]))
def test_the_most_allowed_is_the_last_that_holds(total: int, target: float) -> None:
    """One more than what is allowed would break the bound."""
    allowed = most_allowed(total, target)

    assert allowed == -1 or upper_bound(allowed, total) <= target
    assert upper_bound(allowed + 1, total) > target


@settings(deadline=None)  # a busy machine is no defect
@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_within_its_intervals(count: int, more: int) -> None:
    """Both intervals hold the share, and the exact one is in order."""
    found = share(count, count + more)
    assert found.value is not None
    assert found.wilson is not None
    assert found.exact is not None

    assert found.wilson[0] - 1e-12 <= found.value <= found.wilson[1] + 1e-12
    assert found.exact[0] <= found.value <= found.exact[1]


def test_nothing_counted_has_no_share() -> None:
    """No rows, no figure."""
    assert share(0, 0).value is None
