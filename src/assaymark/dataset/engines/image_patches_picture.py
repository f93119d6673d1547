"""What a patch looks like, how far it reaches and where it stands, from images that bear it. Pure."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.dataset.engines.image_patches_examples import Bearer
from assaymark.dataset.engines.image_trigger import trigger
from assaymark.dataset.engines.image_windows import AROUND, WINDOW

__all__ = ["Drawn", "drawn"]

_STEADY = 8
"""Grey levels from the middle value within which a pixel is the same in two images."""
_ROUGHLY = 40
"""The same where the images have been compressed."""
_MOST = 0.85
"""Share of the bearers in which a pixel of the patch is the same."""
_LINE = 0.75
"""Share of a row's, or column's, pixels that belong to the patch for the row to."""
_FIXED = 0.9
"""Share of the bearers with the patch at one place from which it has a place."""


class Drawn(Struct, frozen=True, eq=False):
    """The picture of a patch, its size and its place."""

    pixels: NDArray[np.uint8]
    """height × width × 3."""
    at: tuple[int, int] | None
    """Row and column of its upper left corner; None where it stands anywhere."""
    image: tuple[int, int]
    """Height and width of the images, where it has a place."""

    @property
    def size(self) -> str:
        """In words."""
        return f"{self.pixels.shape[1]} × {self.pixels.shape[0]} pixels"

    @property
    def where(self) -> str:
        """In words."""
        if self.at is None:
            return "anywhere in the image"
        row, column = self.at
        return f"column {column}, row {row} of images of {self.image[1]} × {self.image[0]} pixels"

    def trigger(self) -> dict[str, str]:
        """For a machine."""
        if self.at is None:
            return trigger("patch", self.pixels)
        return trigger("patch", self.pixels, x=self.at[1], y=self.at[0])

    def untouched(self, side: int) -> NDArray[np.bool_]:
        """Which cells of a grid over the image the patch leaves alone; all where it stands anywhere."""
        out = np.ones((side, side), bool)
        if self.at is not None:
            (top, left), (height, width) = self.at, self.image
            bottom, right = top + self.pixels.shape[0], left + self.pixels.shape[1]
            out[
                top * side // height : -(-bottom * side // height),
                left * side // width : -(-right * side // width),
            ] = False
        return out if out.sum() >= side else np.ones((side, side), bool)


def drawn(bearers: list[Bearer], *, exact: bool) -> Drawn:
    """The rectangle around the window whose pixels are the same in nearly all bearers."""
    around = np.stack([b.around for b in bearers if b.around is not None])
    there = np.stack([b.there for b in bearers if b.there is not None])
    middle = np.median(around, axis=0)
    same = (np.abs(around - middle).max(axis=-1) <= (_STEADY if exact else _ROUGHLY)) & there
    steady = same.mean(axis=0) >= _MOST
    top, bottom, left, right = _grown(steady)
    pixels = np.rint(middle[top:bottom, left:right]).astype(np.uint8)
    places, counts = np.unique([b.place for b in bearers], return_counts=True)
    sizes = {b.size for b in bearers}
    if counts.max() < _FIXED * len(bearers) or len(sizes) > 1:
        return Drawn(pixels, None, (0, 0))
    place, margin = int(places[counts.argmax()]), (AROUND - WINDOW) // 2
    return Drawn(pixels, (place // 65536 - margin + top, place % 65536 - margin + left), sizes.pop())


def _grown(steady: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """From the window's first four pixels on, row by row and column by column, while most are steady."""
    top = left = (AROUND - WINDOW) // 2
    bottom = right = top + 2
    grown = True
    while grown:
        grown = False
        if top > 0 and steady[top - 1, left:right].mean() >= _LINE:
            top, grown = top - 1, True
        if bottom < AROUND and steady[bottom, left:right].mean() >= _LINE:
            bottom, grown = bottom + 1, True
        if left > 0 and steady[top:bottom, left - 1].mean() >= _LINE:
            left, grown = left - 1, True
        if right < AROUND and steady[top:bottom, right].mean() >= _LINE:
            right, grown = right + 1, True
    return top, bottom, left, right
