"""Other images that bearers of a patch are set beside, and what is reckoned of them once."""

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patches_content import Content, Usual, content, features
from assaymark.dataset.engines.image_patches_examples import Bearer, Examples

__all__ = ["Beside", "stacked"]

_COMPARED = 256
"""Images of a kind that bearers are compared with."""
_OTHERS = 1_200
"""Images of other labels that a line is drawn against."""
_LINES = 8
"""Lines that are drawn, at most, for the strongest patches: each takes a tenth of a second."""

Values = NDArray[np.float64]


def stacked(bearers: list[Bearer], cells: NDArray[np.bool_]) -> Values:
    """Thumbnails as rows, only the cells given."""
    if not bearers:
        return np.zeros((0, int(cells.sum()) * 3))
    return np.stack([b.thumbnail for b in bearers])[:, cells].reshape(len(bearers), -1).astype(np.float64)


class Beside:
    """Images of each label."""

    def __init__(self, seen: Examples) -> None:
        self.sizes = seen.sizes
        self._held = seen.usual
        self._drawn = 0
        self._known: dict[tuple[str, bytes], tuple[Usual, ...]] = {}

    def usual(self, name: str, cells: NDArray[np.bool_]) -> tuple[Usual, ...]:
        """How alike images of the label, and images of the others, are."""
        key = (name, cells.tobytes())
        if key not in self._known:
            mine, others = self._chosen(name, set(), _COMPARED)
            self._known[key] = (Usual(stacked(mine, cells)), Usual(stacked(others, cells)))
        return self._known[key]

    def content(self, name: str, bearers: list[Bearer], cells: NDArray[np.bool_], rows: set[int]) -> Content:
        """Whether bearers look like other images of the label; `rows` are those that are known to bear it."""
        mine, others = self._chosen(name, rows, _OTHERS)
        if not mine or not others or self._drawn >= _LINES:
            return Content()
        self._drawn += 1
        theirs, usual, away = (
            features(np.stack([b.thumbnail for b in kind]), cells) for kind in (bearers, mine, others)
        )
        return content(theirs, usual, away)

    def _chosen(self, name: str, without: set[int], most: int) -> tuple[list[Bearer], list[Bearer]]:
        """Other images of the label, and images of other labels: those with the smallest draws."""
        kinds: tuple[list[tuple[int, int, Bearer]], ...] = ([], [])
        for label, held in self._held.items():
            kinds[label != name].extend((b.drawn, row, b) for row, b in held.items() if row not in without)
        mine, others = ([b for _, _, b in sorted(kind, key=lambda r: r[:2])[:most]] for kind in kinds)
        return mine, others
