"""Decoded images → small PNGs as data URIs, and the picture of what suspects have and clean ones lack. Pure.

Pictures are made from decoded arrays with the standard library's zlib; the bytes of the data set's own files
never enter a report.
"""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Gallery", "Thumb", "data_uri", "difference", "shrunk"]

Pixels = NDArray[np.uint8]

_LARGEST = 160
"""Pixels of a picture's longer side."""
_QUANTILE = 0.995


class Thumb(Struct, frozen=True, kw_only=True):
    """One picture."""

    uri: str
    caption: str
    row: int


class Gallery(Struct, frozen=True, kw_only=True):
    """The pictures of one finding."""

    pattern: str = ""
    """Data URI of the pattern as its engine has it; empty if it has none."""
    trigger: str = ""
    """Data URI of what suspects have and clean ones lack, amplified; empty where sizes differ."""
    suspects: tuple[Thumb, ...] = ()
    clean: tuple[Thumb, ...] = ()
    clean_of: str = ""
    """Label of the clean ones; empty if they are of any."""


def data_uri(image: Pixels) -> str:
    """A PNG of 8-bit RGB, `data:image/png;base64,…`.

    Args:
        image: height × width × 3.
    """
    height, width, _ = image.shape
    rows = np.zeros((height, 1 + width * 3), np.uint8)  # each begins with its filter, which is none
    rows[:, 1:] = image.reshape(height, -1)
    png = b"\x89PNG\r\n\x1a\n"
    png += _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    png += _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def shrunk(image: Pixels) -> Pixels:
    """The image, or means of its blocks where it is larger than a picture of a report."""
    step = -(-max(image.shape[:2]) // _LARGEST)
    if step <= 1:
        return image
    height, width = (max(1, side // step) for side in image.shape[:2])
    cut = image[: height * step, : width * step]
    if cut.shape[0] < step or cut.shape[1] < step:  # a strip thinner than a block
        return image[::step, ::step]
    blocks = cut.reshape(height, step, width, step, 3).astype(np.float32)
    found: Pixels = np.round(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return found


def difference(suspects: Sequence[Pixels], clean: Sequence[Pixels]) -> Pixels | None:
    """Mean of `suspects` less mean of `clean`, amplified about middle grey; None where sizes differ.

    Where nothing differs it is grey: what stands out was put there, or is what the class looks like.
    """
    if len(suspects) < 2 or len(clean) < 2 or len({i.shape for i in (*suspects, *clean)}) != 1:
        return None
    # Medians: a pattern is in nearly all suspects, and a few odd images must not draw over it.
    gap = np.median(np.stack(suspects), axis=0) - np.median(np.stack(clean), axis=0)
    gap -= np.median(gap, axis=(0, 1))
    largest = float(np.quantile(np.abs(gap), _QUANTILE)) or 1.0
    found: Pixels = np.clip(128 + gap * (127 / largest), 0, 255).astype(np.uint8)
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
