"""Hashed n-grams: the same everywhere, total, and consistent between a text and its windows."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.detector.features import BUCKETS, bucketed, window_slices, window_sums

_ANY = st.text(st.characters(), max_size=80)
_WORDS = st.lists(st.text("abcXYZ09 ,.é", min_size=1, max_size=8), min_size=1, max_size=12)


def _weights() -> np.ndarray:
    """Random integer weights of two heads."""
    return np.random.default_rng(5).integers(-300, 300, (2, BUCKETS)).astype(np.int16)


@settings(deadline=None)
@given(_ANY)
def test_total_on_any_text(text: str) -> None:
    """Lone surrogates, NUL and unassigned characters have features within the text and the buckets."""
    features = bucketed(text)
    assert features.groups[-1] == features.buckets.size == features.starts.size == features.ends.size
    assert (features.buckets < BUCKETS).all()
    assert (features.starts >= 0).all()
    assert (features.ends <= len(text)).all()
    assert (features.starts < features.ends).all()


def test_known_digest() -> None:
    """The hashes of a fixed text never change: shipped weights rest on them."""
    features = bucketed("Ignore  THE rules; \u5ffd\u7565 caf\u00e9 42!\n\ud800")
    columns = (features.buckets, features.starts, features.ends)
    digest = hashlib.sha256(b"".join(c.astype("<u4").tobytes() for c in columns)).hexdigest()
    assert (features.groups, digest) == (
        (0, 31, 61, 90, 100, 109, 117),
        "51f6dfe9c938dd2dab74cbebb39bf953f7561b1a5e622cbc9023e0f14ac94c09",
    )


@settings(deadline=None)
@given(_WORDS, _WORDS, _WORDS)
def test_window_equals_its_own_text(before: list[str], inside: list[str], after: list[str]) -> None:
    """The score of a window between spaces is that of its text alone."""
    left, middle, right = (" ".join(words) + " " for words in (before, inside, after))
    whole, weights = bucketed(left + middle + right), _weights()
    sums, counts = window_sums(whole, weights, [(len(left), len(left) + len(middle))])
    alone, alone_counts = window_sums(bucketed(middle), weights, [(0, len(middle))])
    assert counts.tolist() == alone_counts.tolist()
    assert sums.tolist() == alone.tolist()


def test_slices_hold_what_lies_inside() -> None:
    """A window holds exactly the features that begin and end within it."""
    features = bucketed("one two, three four five")
    first, last = window_slices(features, [(4, 14), (0, 3), (9, 9)])
    for n, (start, end) in enumerate([(4, 14), (0, 3), (9, 9)]):
        inside = (features.starts >= start) & (features.ends <= end)
        assert int((last - first)[:, n].sum()) == int(inside.sum())


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000"])
def test_space_has_no_features(text: str) -> None:
    """White space alone has no n-gram and sums to zero."""
    sums, counts = window_sums(bucketed(text), _weights(), [(0, len(text))])
    assert (sums.tolist(), counts.tolist()) == ([[0, 0]], [0])


def test_case_and_space_do_not_matter() -> None:
    """Upper case and repeated white space leave the buckets alone."""
    assert bucketed("Ignore\n\n  ALL").buckets.tolist() == bucketed("ignore all").buckets.tolist()


def test_floats_are_summed_too() -> None:
    """Training may use float weights and gets the same sums."""
    weights, features = _weights(), bucketed("some text to sum")
    whole = window_sums(features, weights, [(0, 16)])[0]
    assert window_sums(features, weights.astype(np.float32), [(0, 16)])[0].tolist() == whole.tolist()
