"""Triggers of images that a finding carries as pixels: `patch`, `blend`, `add`; at a place or not. Pure.

Places and sizes may be on a grid that images of any size were laid upon; then they are stretched to the
image.
"""

import base64
import binascii
from io import BytesIO
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.errors import AssaymarkError

__all__ = ["Patch", "patch_of"]

_LARGEST = 1_024
"""Pixels of a side that are believed."""
_KINDS = ("patch", "blend", "add")


class Patch(Struct, frozen=True):
    """Pixels, and how they are put upon an image."""

    kind: str
    pixels: NDArray[np.uint8]
    """height × width × 3."""
    at: tuple[int, int] | None
    """Column and row of its left upper corner; None for anywhere."""
    grid: int
    """Cells of a side of the grid that place and size are on; 0 for the image's own pixels."""
    alpha: float
    gain: float

    def on(self, image: Any, seed: tuple[int, int]) -> Any:
        """The image with it; where it stands anywhere, the place is drawn by `seed`."""
        height, width = image.shape[:2]
        pixels = self._stretched(height, width)[:height, :width]
        top, left = self._corner(height, width, pixels.shape, seed)
        part = image[top : top + pixels.shape[0], left : left + pixels.shape[1]].astype(np.float64)
        new = pixels[: part.shape[0], : part.shape[1]].astype(np.float64)
        if self.kind == "blend":
            new = (1 - self.alpha) * part + self.alpha * new
        elif self.kind == "add":
            new = part + self.gain * (new - 128)
        found = image.copy()
        found[top : top + part.shape[0], left : left + part.shape[1]] = np.clip(np.rint(new), 0, 255)
        return found

    def shuffled(self, seed: int) -> "Patch":
        """The same pixels in another order."""
        flat = self.pixels.reshape(-1, 3)
        order = np.random.default_rng(seed).permutation(len(flat))
        return Patch(
            self.kind, flat[order].reshape(self.pixels.shape), self.at, self.grid, self.alpha, self.gain
        )

    def _stretched(self, height: int, width: int) -> NDArray[np.uint8]:
        if not self.grid:
            return self.pixels
        tall, wide = (
            max(1, round(side * whole / self.grid))
            for side, whole in zip(self.pixels.shape[:2], (height, width), strict=True)
        )
        rows = np.arange(tall) * self.pixels.shape[0] // tall
        columns = np.arange(wide) * self.pixels.shape[1] // wide
        stretched: NDArray[np.uint8] = self.pixels[rows[:, None], columns]
        return stretched

    def _corner(
        self, height: int, width: int, shape: tuple[int, ...], seed: tuple[int, int]
    ) -> tuple[int, int]:
        room = max(0, height - shape[0]), max(0, width - shape[1])
        if self.at is None:
            random = np.random.default_rng(seed)
            return int(random.integers(room[0] + 1)), int(random.integers(room[1] + 1))
        left, top = self.at
        if self.grid:
            left, top = round(left * width / self.grid), round(top * height / self.grid)
        return min(max(0, top), room[0]), min(max(0, left), room[1])


def patch_of(trigger: dict[str, str]) -> Patch | None:
    """The pixels of a trigger; None if it has none that can be read."""
    if trigger.get("kind") not in _KINDS or not trigger.get("pixels"):
        return None
    try:
        pixels = _decoded(base64.b64decode(trigger["pixels"], validate=True))
        at = (int(trigger["x"]), int(trigger["y"])) if "x" in trigger and "y" in trigger else None
        grid = int(trigger.get("grid", "0"))
        alpha, gain = float(trigger.get("alpha", "1")), float(trigger.get("gain", "1"))
    except (ValueError, OSError, binascii.Error):
        return None
    if not (0 <= grid <= _LARGEST and 0 <= alpha <= 1 and abs(gain) <= 255):
        return None
    return Patch(trigger["kind"], pixels, at, grid, alpha, gain)


def _decoded(data: bytes) -> NDArray[np.uint8]:
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise AssaymarkError(
            "Replaying a trigger of images needs Pillow.", "pip install 'assaymark[data]'"
        ) from error
    with Image.open(BytesIO(data), formats=("PNG",)) as opened:
        if max(opened.size) > _LARGEST:
            raise ValueError("the picture is too large")
        return np.asarray(opened.convert("RGB"))
