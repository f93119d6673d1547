"""Edits between two sequences of digests."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assaymark.dataset.provenance.difference import Edits, edits, moves, originals


def digests(*values: int) -> NDArray[np.uint8]:
    """A digest of 16 bytes for each number; equal for equal numbers."""
    made = [value.to_bytes(8, "big") + b"\0" * 7 + b"\1" for value in values]
    return np.frombuffer(b"".join(made), np.uint8).reshape(-1, 16)


def named(found: Edits) -> dict[str, list[int] | list[tuple[int, int]]]:
    """The edits, those that there are."""
    pairs = {"changed": found.changed, "moved": found.moved}
    told: dict[str, list[int] | list[tuple[int, int]]] = {
        kind: list(zip(was.tolist(), at.tolist(), strict=True))
        for kind, (was, at) in pairs.items()
        if len(was)
    }
    singles = {"missing": found.missing, "added": found.added}
    return told | {kind: at.tolist() for kind, at in singles.items() if len(at)}


OLD = list(range(1000, 1500))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, {}),
        ([*OLD[:10], 7, *OLD[10:]], {"added": [10]}),
        ([*OLD[:10], OLD[400], *OLD[10:]], {"added": [10]}),
        (OLD[:77] + OLD[78:], {"missing": [77]}),
        ([*OLD[:5], 7, *OLD[6:]], {"changed": [(5, 5)]}),
        ([7, *OLD[:5], 8, *OLD[6:-1]], {"added": [0], "changed": [(5, 6)], "missing": [499]}),
        ([*OLD[:5], OLD[300], *OLD[6:300], OLD[5], *OLD[301:]], {"moved": [(5, 300), (300, 5)]}),
        ([*OLD[1:], OLD[0]], {"moved": [(0, 499)]}),
        ([], {"missing": list(range(500))}),
    ],
)
def test_the_fewest_edits_are_named(new: list[int], expected: dict[str, object]) -> None:
    """One inserted record does not make all later ones changed; one moved record is one edit."""
    assert named(edits(digests(*OLD), digests(*new))) == expected


def test_records_that_stand_often_are_told_apart_by_their_neighbours() -> None:
    """Three kinds of records only: one taken out and one changed are still one each."""
    draw = random.Random(3)
    old = [draw.randrange(3) for _ in range(2000)]
    new = old[:600] + old[601:]
    new[1500] = 99
    found = named(edits(digests(*old), digests(*new)))
    assert found["changed"] == [(1501, 1500)]
    assert len(found["missing"]) == 1
    assert set(found) == {"changed", "missing"}


def test_all_bytes_of_a_digest_count() -> None:
    """Records whose digests begin alike are not the same."""
    old = digests(1, 2, 3)
    new = old.copy()
    new[1, 15] = 9
    assert named(edits(old, new)) == {"changed": [(1, 1)]}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=40), st.lists(st.integers(0, 6), max_size=40))
def test_edits_account_for_every_record(old: list[int], new: list[int]) -> None:
    """Whatever the two sequences: what is not named is the same, and in the same order, on both sides."""
    found = edits(digests(*old), digests(*new))
    (was, at), (from_, to) = found.changed, found.moved
    gone = set(was.tolist()) | set(found.missing.tolist()) | set(from_.tolist())
    came = set(at.tolist()) | set(found.added.tolist()) | set(to.tolist())
    assert [v for i, v in enumerate(old) if i not in gone] == [v for i, v in enumerate(new) if i not in came]
    assert [old[i] for i in from_] == [new[i] for i in to]
    assert all(old[i] != new[j] for i, j in zip(was, at, strict=True)) or set(old) & set(new)
    assert len(was) + len(found.missing) + len(from_) == len(gone)
    assert found.none == (old == new)


def test_records_that_moved_between_files_are_matched_in_order() -> None:
    """The first with the first; those without a match are left."""
    gone, came = moves(digests(5, 6, 5), digests(9, 5, 6))
    assert list(zip(gone.tolist(), came.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert [len(part) for part in moves(digests(1), digests()[:0])] == [0, 0]


def test_the_first_original_of_a_copy_is_named() -> None:
    """And -1 where there is none."""
    assert originals(digests(4, 5, 5), digests(5, 8)).tolist() == [1, -1]
    assert originals(digests(4)[:0], digests(5)).tolist() == [-1]
