"""Hashed n-grams of a text, and the sums of their weights over any windows, in one pass.

Text is lower-cased and runs of white space become one space. Features are character 3-, 4- and 5-grams
and word 1-, 2- and 3-grams, hashed into 2**18 buckets. Within each of these six groups both first and
last code points rise, so the features inside any window are one slice a group, and prefix sums give the
window's score without looking at the text again. Weights are summed as integers: the same text has the
same score on every machine.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assaymark.guard.detector.characters import DENSE, SPACE, characters

__all__ = ["BUCKETS", "Features", "bucketed", "window_slices", "window_sums"]

BUCKETS = 1 << 18
"""Number of weights a head has."""

_SHIFT_32 = np.uint32(32 - 18)
_SHIFT_64 = np.uint64(64 - 18)
_CHARACTER_GRAMS = (3, 4, 5)
_WORD_GRAMS = (1, 2, 3)
# Odd constants without structure (fractional parts of roots, as hash functions use them).
_P32 = np.uint32(0x9E3779B1)
_A32, _B32 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_A64, _B64 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


class Features(NamedTuple):
    """The features of one text, group after group."""

    buckets: NDArray[np.uint32]
    """Which weight each feature has, below `BUCKETS`."""
    starts: NDArray[np.int32]
    """First code point of the original text that each feature covers (spaces at its ends aside)."""
    ends: NDArray[np.int32]
    """One past the last."""
    groups: tuple[int, ...]
    """Where each of the six groups begins, and the number of features: 7 numbers."""


def bucketed(text: str) -> Features:
    """The hashed n-grams of `text`; total on any string."""
    points, classes, begins, finishes = _collapsed(text)
    grams = [*_character_grams(points, begins, finishes), *_word_grams(points, classes, begins, finishes)]
    sizes = [gram[0].size for gram in grams]
    buckets, starts, ends = (np.concatenate(column) for column in zip(*grams, strict=True))
    return Features(buckets, starts, ends, (0, *(int(n) for n in np.cumsum(sizes))))


def window_slices(features: Features, windows: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each group and window, the slice of features that lie wholly inside.

    Args:
        features: of the whole text.
        windows: (count, 2) code points, half-open.

    Returns:
        Two arrays (6, count): first feature, and one past the last.
    """
    spans = np.asarray(windows, dtype=np.int32).reshape(-1, 2)
    first = np.empty((len(features.groups) - 1, len(spans)), dtype=np.int64)
    last = np.empty_like(first)
    for n, (low, high) in enumerate(zip(features.groups, features.groups[1:], strict=False)):
        first[n] = low + np.searchsorted(features.starts[low:high], spans[:, 0], side="left")
        last[n] = low + np.searchsorted(features.ends[low:high], spans[:, 1], side="right")
    return first, np.maximum(first, last)


def window_sums(
    features: Features, weights: NDArray[Any], windows: ArrayLike
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The sum of the weights of the features in each window, for every head.

    Args:
        features: of the whole text.
        weights: (heads, BUCKETS); integers are summed exactly, floats as float64.
        windows: (count, 2) code points, half-open.

    Returns:
        Sums (count, heads), int64 or float64, and the number of features in each window.
    """
    first, last = window_slices(features, windows)
    kind: Any = np.int64 if np.issubdtype(weights.dtype, np.integer) else np.float64
    sums = np.empty((first.shape[1], len(weights)), dtype=kind)
    running = np.zeros(features.buckets.size + 1, dtype=kind)
    for head, row in enumerate(weights):
        np.cumsum(row.take(features.buckets), dtype=kind, out=running[1:])
        sums[:, head] = (running.take(last) - running.take(first)).sum(axis=0)
    return sums, (last - first).sum(axis=0)


def _collapsed(
    text: str,
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Lower-cased code points with one space between words and at both ends.

    Returns:
        Code points, their classes, and for each the original code point at which an n-gram that begins
        or finishes there begins or finishes. A space stands for its neighbour, so that an n-gram belongs
        to the window that holds its words.
    """
    _, lower, classes = characters(text)
    solid = np.flatnonzero(classes != SPACE).astype(np.int32)
    before = np.empty(solid.size, dtype=np.int32)
    before[:1] = 1
    before[1:] = solid[1:] != solid[:-1] + 1
    at = np.arange(solid.size, dtype=np.int32) + np.cumsum(before, dtype=np.int32)
    length = (int(at[-1]) + 2) if solid.size else 1
    points = np.full(length, ord(" "), dtype=np.uint32)
    kinds = np.full(length, SPACE, dtype=np.uint8)
    begins = np.full(length, len(text), dtype=np.int32)
    finishes = np.zeros(length, dtype=np.int32)
    points[at], kinds[at] = lower[solid], classes[solid]
    begins[at], finishes[at] = solid, solid + 1
    spaces = np.flatnonzero(kinds == SPACE)
    begins[spaces[:-1]] = begins[spaces[:-1] + 1]
    finishes[spaces[1:]] = finishes[spaces[1:] - 1]
    return points, kinds, begins, finishes


_Group = tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]


def _character_grams(
    points: NDArray[np.uint32], begins: NDArray[np.int32], finishes: NDArray[np.int32]
) -> list[_Group]:
    """One group for each length: a rolling polynomial hash, then mixing."""
    groups: list[_Group] = []
    rolling = points * _P32
    for size in range(2, _CHARACTER_GRAMS[-1] + 1):
        rolling = rolling[:-1] + points[size - 1 :]
        if size in _CHARACTER_GRAMS:
            buckets = _mixed_32(rolling + np.uint32(size)) >> _SHIFT_32
            groups.append((buckets, begins[: buckets.size], finishes[finishes.size - buckets.size :]))
        rolling = rolling * _P32
    return groups


def _word_grams(
    points: NDArray[np.uint32],
    classes: NDArray[np.uint8],
    begins: NDArray[np.int32],
    finishes: NDArray[np.int32],
) -> list[_Group]:
    """One group for each length. Words are runs of one class; each dense character is one."""
    change = classes[1:] != classes[:-1]
    change |= classes[1:] == DENSE
    runs = np.flatnonzero(change) + 1
    if not runs.size:
        none = np.empty(0, dtype=np.int32)
        return [(none.astype(np.uint32), none, none) for _ in _WORD_GRAMS]
    lengths = np.diff(runs, append=points.size)
    offsets = np.arange(runs[0], points.size) - np.repeat(runs, lengths)
    keys = points[runs[0] :].astype(np.uint64) + (offsets.astype(np.uint64) << np.uint64(21))
    hashes = np.add.reduceat(_mixed_64(keys), runs - runs[0])
    word = classes[runs] != SPACE
    hashes, starts, ends = hashes[word], begins[runs[word]], finishes[(runs + lengths - 1)[word]]
    groups: list[_Group] = []
    rolling = hashes
    for size in _WORD_GRAMS:
        if size > 1:
            rolling = rolling[:-1] * _A64 + hashes[size - 1 :]
        buckets = (_mixed_64(rolling + np.uint64(size)) >> _SHIFT_64).astype(np.uint32)
        groups.append((buckets, starts[: buckets.size], ends[ends.size - buckets.size :]))
    return groups


def _mixed_32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Every bit of the input moves every bit of the output (the finaliser of MurmurHash3)."""
    values = values ^ (values >> np.uint32(16))
    values *= _A32
    values ^= values >> np.uint32(13)
    values *= _B32
    values ^= values >> np.uint32(16)
    return values


def _mixed_64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same for 64 bits, two multiplications (after SplitMix64)."""
    values = values * _A64
    values ^= values >> np.uint64(32)
    values *= _B64
    values ^= values >> np.uint64(29)
    return values
