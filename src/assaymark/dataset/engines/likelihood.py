"""Log-likelihood ratios that texts and tables are judged by: of a label, and of what the rest says."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["gain", "ratio"]

_CLIP = 2.5


def gain(
    agree: NDArray[np.int64], bear: NDArray[np.int64], usual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much likelier the labels of a pattern's records are by its own share than by the usual one (nats).

    Args:
        agree: records that bear the pattern and have the label.
        bear: records that bear it.
        usual: share of the label among all records.

    Returns:
        0 where the pattern has the label no more often than usual.
    """
    other = bear - agree
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(agree > 0, agree * np.log(agree / (bear * usual)), 0.0)
        two = np.where(other > 0, other * np.log(other / (bear * (1 - usual))), 0.0)
    return np.where(agree > bear * usual, one + two, 0.0)


def ratio(usual: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each group of labels and bin: log of how much likelier records of other groups read so.

    A rest that says nothing, or agrees (the upper half of the bins), never counts as contrary.

    Args:
        usual: records by (other groups, own group), group and bin.
    """
    others, own = ((side + 1) / (side.sum(1, keepdims=True) + side.shape[1]) for side in usual)
    found = np.clip(np.log(others / own), -_CLIP, _CLIP)
    middle = found.shape[1] // 2
    found[:, middle:] = np.minimum(found[:, middle:], 0)
    return np.asarray(found)
