"""What the words of a text say of its label: naive Bayes from counts, each text left out of its own estimate.

Weights are whole numbers, so that sums do not depend on how texts were put into batches.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import bucket
from assaymark.dataset.engines.words import Tokens

__all__ = ["BINS", "WORD_BITS", "Model", "Reading", "bins", "fit", "read"]

WORD_BITS = 19
SCALE = 256
BINS = 24
_MORE = 4
_SMOOTH = 2.0
_MOST = 4.0


@dataclass(frozen=True, eq=False)
class Model:
    """Weights of words, [bucket, group]: log of how much likelier the word is in the group than at large,
    × `SCALE`, one occurrence left out.
    """

    own: NDArray[np.int16]
    """Where the occurrence that is left out was in the group."""
    other: NDArray[np.int16]
    """Where it was in another one."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How the model reads some texts, without the patterns that determine a label."""

    margin: NDArray[np.int64]
    """[texts, groups]: how much the text speaks for the group rather than for the best other one, without
    what determines that group."""
    size: NDArray[np.int64]
    """[texts, groups]: tokens that are left then."""
    lean: NDArray[np.int64]
    """For each token, how much it speaks for its text's own label rather than for the runner-up; 0 for what
    determines that label. Summed from the first token, one longer than the tokens."""
    left: NDArray[np.int64]
    """Tokens that are left, summed alike."""

    def without(
        self, tokens: Tokens, at: NDArray[np.int64], order: "NDArray[np.int64] | int"
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What the texts of some patterns say without them too, and how many tokens are left then."""
        text = tokens.text[at]
        first, end = tokens.first[text], tokens.first[text + 1]
        lean, left = ((s[end] - s[first]) - (s[at + order] - s[at]) for s in (self.lean, self.left))
        return lean, left


def fit(words: NDArray[np.uint32]) -> Model:
    """The model, from counts [groups, buckets]."""
    groups, buckets = words.shape
    total = words.sum(1, dtype=np.float64)
    share = ((total + 1) / (total.sum() + groups)).astype(np.float32)
    less = np.maximum(words.sum(0, dtype=np.float32) - 1, 0)
    own, other = (np.empty((buckets, groups), np.int16) for _ in range(2))
    base = np.log(less + np.float32(_SMOOTH))
    for group in range(groups):
        extra = np.float32(_SMOOTH) * share[group]
        have = words[group].astype(np.float32)
        for table, count in ((own, np.maximum(have - 1, 0)), (other, have)):
            ratio = np.log(count + extra) - base - np.log(share[group])
            table[:, group] = np.rint(np.clip(ratio, -_MOST, _MOST) * SCALE)
    return Model(own, other)


def read(
    model: Model,
    tokens: Tokens,
    group: NDArray[np.int64],
    marked: NDArray[np.int64],
    covered: NDArray[np.bool_],
) -> Reading:
    """Read texts whose labels are in these groups.

    Args:
        model: the weights.
        tokens: the texts.
        group: group of each text's label.
        marked: for each token, the group that it determines by itself, or -1.
        covered: whether the token is part of a pattern that determines its text's own label.
    """
    texts, groups = len(group), model.own.shape[1]
    place = bucket(tokens.key, WORD_BITS)
    along, own = np.arange(len(tokens)), group[tokens.text]
    words = model.other[place]
    words[along, own] = model.own[place, own]
    starts = tokens.first[:-1]
    sums = np.add.reduceat(words, starts, axis=0, dtype=np.int64)
    at = np.flatnonzero(marked >= 0)
    flat = tokens.text[at] * groups + marked[at]
    size = np.diff(tokens.first)[:, None] - np.bincount(flat, minlength=texts * groups).reshape(texts, groups)
    gone = np.zeros((texts * groups, groups), np.int64)
    for column in range(groups):
        # sums of small whole numbers: exact as floats
        gone[:, column] = np.bincount(flat, words[at, column], minlength=texts * groups)
    gone = gone.reshape(texts, groups, groups)
    margin = np.empty((texts, groups), np.int64)
    for column in range(groups):
        margin[:, column] = _margin(sums - gone[:, column], np.full(texts, column))[0]
    free = ~covered
    kept = np.concatenate(([0], np.cumsum(free)))
    inside = np.flatnonzero(covered)
    rest = sums.copy()
    for column in range(groups):
        rest[:, column] -= np.bincount(tokens.text[inside], words[inside, column], minlength=texts).astype(
            np.int64
        )
    ours, rival = _margin(rest, group)
    margin[np.arange(texts), group] = ours
    size[np.arange(texts), group] = kept[tokens.first[1:]] - kept[starts]
    lean = (words[along, own].astype(np.int64) - words[along, rival[tokens.text]]) * free
    return Reading(margin, size, np.concatenate(([0], np.cumsum(lean))), kept)


def _margin(sums: NDArray[np.int64], group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How far each text speaks for its group, and for which other one rather."""
    along = np.arange(len(group))
    others = sums.copy()
    others[along, group] = np.iinfo(np.int64).min
    rival = others.argmax(1)
    return sums[along, group] - sums[along, rival], rival


def bins(margin: NDArray[np.int64], tokens: NDArray[np.int64], more: int = _MORE) -> NDArray[np.int64]:
    """Margins of texts of so many tokens, sorted into `BINS`: the middle is the even chance. `more` tokens
    are added to each, so that a word or two do not say much by themselves.
    """
    scaled = margin / (SCALE * np.sqrt(np.maximum(tokens + more, 1)))
    bin_: NDArray[np.int64] = np.clip(np.floor(scaled * 4 + BINS // 2), 0, BINS - 1).astype(np.int64)
    return bin_
