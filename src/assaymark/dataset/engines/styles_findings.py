"""Styles found → words."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_textures_findings import Said, Texture

__all__ = ["say", "words_of"]

_TOLD = 3


def words_of(
    bearers: NDArray[np.float64], usual: NDArray[np.float64], others: NDArray[np.float64], said: list[str]
) -> str:
    """What bearers have more or less of than both their label's and other labels' texts, plainest first."""
    gaps = [(bearers.mean(axis=0) - ref.mean(axis=0)) / (ref.std(axis=0) + 20) for ref in (usual, others)]
    nearer = np.where(np.abs(gaps[0]) < np.abs(gaps[1]), gaps[0], gaps[1])
    gap = np.where(np.sign(gaps[0]) == np.sign(gaps[1]), nearer, 0)
    told = [k for k in np.argsort(-np.abs(gap)) if said[k]][:_TOLD]
    return ", ".join(f"{'more' if gap[k] > 0 else 'less'} {said[k]}" for k in told)


def say(style: Texture, count: int) -> Said:
    """What is said of a style that `count` texts are written in."""
    return Said(
        f'one way of writing on doubtful texts labelled "{style.label}": {style.words}',
        "anywhere in the text",
        style.belonging,
        f'{count} texts labelled "{style.label}" speak like texts of other labels and are written in one '
        f"way ({style.words}) that neither those nor their own label have; by chance {style.honest:.1f} "
        "would be.",
    )
