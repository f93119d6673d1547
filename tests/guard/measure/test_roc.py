"""How well scores tell attacks from benign texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.measure.roc import auroc, threshold_at

scores = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@settings(deadline=None)  # a busy machine is no defect
@given(scores, scores)
def test_it_is_the_share_of_pairs_in_order(attacks: list[float], benign: list[float]) -> None:
    """The area is what counting all pairs gives, ties counting half, and lies within its interval."""
    found = auroc(attacks, benign)
    assert found is not None
    pairs = [(a > b) + (a == b) / 2 for a in attacks for b in benign]

    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9


def test_few_perfect_scores_claim_little() -> None:
    """Ten attacks above ten benign texts are no proof of a perfect detector."""
    found = auroc([0.9] * 10, [0.1] * 10)
    assert found is not None

    assert (found.value, found.low) == (1.0, 0.7)


def test_one_side_alone_has_no_area() -> None:
    """Without benign texts there is nothing to tell apart."""
    assert auroc([0.5], []) is None


@settings(deadline=None)  # a busy machine is no defect
@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.sampled_from([0.0, 0.01, 0.1]))
def test_the_threshold_flags_no_more_than_its_rate(benign: list[float], rate: float) -> None:
    """Ties never push the false-positive rate over what is allowed."""
    threshold = threshold_at(benign, rate)
    assert threshold is not None

    assert sum(score >= threshold for score in benign) <= rate * len(benign)


def test_no_benign_text_no_threshold() -> None:
    """There is nothing to set it on."""
    assert threshold_at([], 0.01) is None
