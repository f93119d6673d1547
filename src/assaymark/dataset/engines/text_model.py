"""What the words of a text say of its label: naive Bayes from counts, each text left out of its own estimate.

Weights are whole numbers, so that sums do not depend on how texts were put into batches.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.ngrams import bucket
from assaymark.dataset.engines.words import Tokens

__all__ = ["BINS", "WORD_BITS", "Model", "Reading", "bins", "fit", "read"]

WORD_BITS = 18
SCALE = 256
BINS = 24
_SMOOTH = 2.0
_MOST = 4.0


@dataclass(frozen=True, eq=False)
class Model:
    """Weights of words for groups of labels."""

    weights: NDArray[np.int16]
    """[own group, bucket, group]: log of how much likelier the word is in the group than at large, × `SCALE`,
    one occurrence in the own group left out."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How the model reads some texts."""

    margin: NDArray[np.int64]
    """[texts, groups]: how much the text speaks for the group rather than for the best other one."""
    lean: NDArray[np.int64]
    """For each token, how much it speaks for its text's own label rather than for the runner-up; summed from
    the first token, one longer than the tokens."""


def fit(words: NDArray[np.uint32]) -> Model:
    """The model, from counts [groups, buckets]."""
    groups, buckets = words.shape
    counts = words.astype(np.float32)
    whole = counts.sum(0)
    share = (counts.sum(1) + 1) / (whole.sum() + groups)
    weights = np.zeros((groups, buckets, groups), np.int16)
    for own in range(groups):
        less = np.maximum(whole - 1, 0)
        for group in range(groups):
            have = np.maximum(counts[group] - (own == group), 0)
            ratio = np.log((have + _SMOOTH * share[group]) / ((less + _SMOOTH) * share[group]))
            weights[own, :, group] = np.rint(np.clip(ratio, -_MOST, _MOST) * SCALE)
    return Model(weights)


def read(model: Model, tokens: Tokens, group: NDArray[np.int64]) -> Reading:
    """Read texts whose labels are in these groups."""
    place = bucket(tokens.key, WORD_BITS)
    own = group[tokens.text]
    words = model.weights[own, place]
    sums = np.add.reduceat(words, tokens.first[:-1], axis=0, dtype=np.int64)
    texts = np.arange(len(group))
    ranked = np.sort(sums, axis=1)
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    margin = np.where(sums == best, sums - second, sums - best)
    others = sums.copy()
    others[texts, group] = np.iinfo(np.int64).min
    rival = others.argmax(1)
    along = np.arange(len(tokens))
    lean = words[along, own].astype(np.int64) - words[along, rival[tokens.text]]
    return Reading(margin, np.concatenate(([0], np.cumsum(lean))))


def bins(margin: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Margins of texts of so many tokens, sorted into `BINS`: the middle is the even chance."""
    scaled = margin / (SCALE * np.sqrt(np.maximum(tokens, 1)))
    bin_: NDArray[np.int64] = np.clip(np.floor(scaled * 4 + BINS // 2), 0, BINS - 1).astype(np.int64)
    return bin_
