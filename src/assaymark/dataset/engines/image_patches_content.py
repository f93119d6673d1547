"""Whether the rest of some images is what their label usually looks like. Pure."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Content", "Usual", "content", "crowding", "features", "single"]

_COPY = 0.97
"""Correlation of thumbnails from which two images are copies."""
_STEPS = 5
"""Steps of each colour in a palette."""
_GROUPS = 100
_KIND = 12
"""Images of a kind from which on it shows what is usual."""
_RIDGE = 0.3
"""Share of the mean variance that is added to every direction."""


class Content(Struct, frozen=True):
    """Where bearers stand between other images of their label and images of other labels."""

    place: float = 1.0
    """0: like images of other labels; 1: like other images of their label."""
    doubt: float = 0.0
    """Standard errors between the bearers and other images of their label."""
    power: float = 0.5
    """Chance that an image of the label looks more like the label than an image of another one does."""


def _correlations(thumbnails: NDArray[np.float64]) -> NDArray[np.float64]:
    x = thumbnails - thumbnails.mean(axis=1, keepdims=True)
    x /= np.linalg.norm(x, axis=1, keepdims=True) + 1e-9
    r: NDArray[np.float64] = x @ x.T
    np.fill_diagonal(r, 0)
    return r


def _colours(thumbnails: NDArray[np.float64]) -> NDArray[np.float64]:
    """Roots of the shares of each image's colours, wherever they stand; softly binned."""
    pixels = thumbnails.reshape(len(thumbnails), -1, 3) / 256 * _STEPS
    counts = np.zeros((len(pixels), _STEPS**3))
    image = np.repeat(np.arange(len(pixels)), pixels.shape[1])
    for shift in (-0.25, 0.25):  # two grids, so that no colour lies on a border in both
        step = np.clip(np.floor(pixels + shift), 0, _STEPS - 1).astype(np.int64)
        cell = ((step[..., 0] * _STEPS + step[..., 1]) * _STEPS + step[..., 2]).reshape(-1)
        np.add.at(counts, (image, cell), 0.5 / pixels.shape[1])
    return np.sqrt(counts)


def _palettes(thumbnails: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the colours of two images overlap."""
    roots = _colours(thumbnails)
    overlap: NDArray[np.float64] = (roots @ roots.T) ** 2
    np.fill_diagonal(overlap, 0)
    return overlap


def single(thumbnails: NDArray[np.float64]) -> float:
    """Share of images that are no copy of an earlier one."""
    return float((np.tril(_correlations(thumbnails), -1).max(axis=1) < _COPY).mean())


class Usual:
    """How alike images of one kind are, within groups of some size."""

    def __init__(self, thumbnails: NDArray[np.float64]) -> None:
        self._likeness = [look(thumbnails) for look in _LOOKS] if len(thumbnails) >= _KIND else []
        self._levels: dict[int, list[float]] = {}

    def levels(self, size: int) -> list[float]:
        """Likeness that few groups of so many exceed: in layout, in colours; nothing if too few are known."""
        if size not in self._levels:
            self._levels[size] = [_high(likeness, size) for likeness in self._likeness]
        return self._levels[size]


def crowding(bearers: NDArray[np.float64], usual: Sequence[Usual]) -> float:
    """Times as alike as nearly all groups of as many usual images: in what stands where, or in colours.

    Args:
        bearers: images × values of their thumbnails.
        usual: other images; the kind that is most alike counts.
    """
    typical = np.array([_FLOORS, *(u.levels(len(bearers)) for u in usual if u.levels(len(bearers)))])
    mine = np.array([look(bearers).sum() for look in _LOOKS]) / (len(bearers) * max(1, len(bearers) - 1))
    return float((mine / typical.max(axis=0)).max())


def _layouts(thumbnails: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far two images have light and dark in the same places."""
    squares: NDArray[np.float64] = _correlations(thumbnails) ** 2
    return squares


def _high(likeness: NDArray[np.float64], size: int) -> float:
    """Mean likeness within groups of so many that few groups exceed."""
    size = min(size, len(likeness))
    rng = np.random.default_rng(len(likeness))
    chosen = np.zeros((_GROUPS, len(likeness)))
    for row in chosen:
        row[rng.choice(len(likeness), size, replace=False)] = 1
    means = ((chosen @ likeness) * chosen).sum(axis=1) / (size * max(1, size - 1))
    return float(np.quantile(means, 0.98))


_LOOKS = (_layouts, _palettes)
_FLOORS = [0.02, 0.01]


def features(thumbnails: NDArray[np.uint8], cells: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What images look like: layout, colours, and how rough they are where.

    Args:
        thumbnails: images × rows × columns × 3.
        cells: rows × columns, those that count.
    """
    x = thumbnails.astype(np.float64)
    shade = x.mean(axis=-1)
    down = np.abs(np.diff(shade, axis=1))[:, cells[1:] & cells[:-1]]
    along = np.abs(np.diff(shade, axis=2))[:, cells[:, 1:] & cells[:, :-1]]
    layout = x[:, cells].reshape(len(x), -1)
    return np.concatenate([layout, _colours(layout), down, along], axis=1)


def content(bearers: NDArray[np.float64], mine: NDArray[np.float64], others: NDArray[np.float64]) -> Content:
    """Tell the label from the others by a line through thumbnails, each half judged by the other half's line.

    Args:
        bearers: images × values; none of them may be among the others.
        mine: other images of the label.
        others: images of other labels.
    """
    if min(len(bearers), len(mine) // 8, len(others) // 8) < 3:
        return Content()
    scale = np.concatenate([mine, others]).std(axis=0) + 1e-3
    bearers, mine, others = bearers / scale, mine / scale, others / scale
    own, foreign, theirs = [], [], []
    for k in (0, 1):
        line = _line(mine[k::2], others[k::2])
        level, unit = _scale(others[1 - k :: 2] @ line)
        own.append((mine[1 - k :: 2] @ line - level) / unit)
        foreign.append((others[1 - k :: 2] @ line - level) / unit)
        theirs.append((bearers @ line - level) / unit)
    at, usual, away = np.mean(theirs, axis=0), np.concatenate(own), np.concatenate(foreign)
    gap = float(usual.mean() - away.mean())
    order = np.argsort(np.concatenate([usual, away]), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order))
    power = (rank[: len(usual)].sum() - len(usual) * (len(usual) - 1) / 2) / (len(usual) * len(away))
    error = float(np.sqrt(usual.var() / len(at) + usual.var() / len(usual) + away.var() / len(away))) + 1e-9
    if gap <= 0:
        return Content(power=float(power))
    return Content(
        float((at.mean() - away.mean()) / gap), float((usual.mean() - at.mean()) / error), float(power)
    )


def _line(mine: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction that tells both apart best, variance in each direction allowed for."""
    spread = (np.cov(mine.T) * len(mine) + np.cov(others.T) * len(others)) / (len(mine) + len(others))
    ridge = _RIDGE * np.trace(spread) / len(spread) + 1e-6
    line: NDArray[np.float64] = np.linalg.solve(
        spread + ridge * np.eye(len(spread)), mine.mean(axis=0) - others.mean(axis=0)
    )
    return line


def _scale(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values.mean()), float(values.std()) + 1e-9
