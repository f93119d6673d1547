"""What a trigger looks like, as a picture that a report can draw and `data replay` can insert."""

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["png", "trigger"]


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file of height × width × 3 values."""
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + width * 3), np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + chunk(b"IEND", b"")
    )


def trigger(kind: str, pixels: NDArray[Any], **parameters: object) -> dict[str, str]:
    """The pattern for a machine.

    Args:
        kind: `patch` (pixels replace), `blend` (pixels are mixed in by `alpha`) or `add` (pixels minus 128
            are added, times `gain`).
        pixels: height × width × 3; clipped to 0..255.
        parameters: whatever else inserting it takes: x, y, side of the grid, alpha.
    """
    picture = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    said = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in parameters.items()}
    size = {"width": str(picture.shape[1]), "height": str(picture.shape[0])}
    return {"kind": kind, **size, **said, "pixels": base64.b64encode(png(picture)).decode()}
