"""Encoded images → arrays, one frame of each, held to bounds before anything is decoded."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.rows import Rows, extra
from assaymark.dataset.record import Hole, Place
from assaymark.errors import AssaymarkError

__all__ = ["as_pixels", "decoded_image", "pictured"]

_FORMATS = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"), (b"RIFF", "WEBP"),
)  # fmt: skip
_PROBLEMS = (
    OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError, IndexError, AttributeError,
    OverflowError, RuntimeError, MemoryError, ZeroDivisionError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
"""What decoders raise on damaged bytes."""


def pictured(
    rows: Rows, column: str, limits: Limits, place: Callable[[int], Place]
) -> Iterator[tuple[Rows, list[NDArray[np.uint8]]] | Hole]:
    """Records with their images decoded, as many at a time as memory allows; those without are holes.

    Args:
        rows: some records.
        column: the one that holds encoded images.
        limits: bounds.
        place: where the record with a given number stands.
    """
    kept: list[int] = []
    images: list[NDArray[np.uint8]] = []
    size = 0
    for i, value in enumerate(rows.values(column)):
        found = as_pixels(value, limits)
        if isinstance(found, str):
            yield Hole(place(int(rows.numbers[i])), found)
            continue
        kept.append(i)
        images.append(found)
        size += found.nbytes
        if len(kept) >= limits.batch_images or size >= limits.batch_bytes:
            yield _some(rows, kept, column), images
            kept, images, size = [], [], 0
    if kept:
        yield _some(rows, kept, column), images


def _some(rows: Rows, kept: Sequence[int], column: str) -> Rows:
    columns = {
        name: [values[i] for i in kept] if isinstance(values, list) else values.take(_indices(kept))
        for name, values in rows.columns.items()
        if name != column
    }
    return Rows(rows.numbers[list(kept)], columns)


def _indices(kept: Sequence[int]) -> Any:
    import pyarrow as pa

    return pa.array(kept, pa.int64())


def as_pixels(value: Any, limits: Limits) -> NDArray[np.uint8] | str:
    """The image that a value holds, height × width × 3; or what is wrong with it."""
    if isinstance(value, np.ndarray):
        return _as_rgb(value)
    if isinstance(value, dict):
        path, value = value.get("path"), value.get("bytes")
        if value is None and path:
            return f"it only names a file, {str(path)[:100]!r}"
    if not isinstance(value, bytes) or not value:
        return "there is no image"
    if len(value) > limits.record_bytes:
        return f"the image's file is longer than {limits.record_bytes:,} bytes"
    return decoded_image(value, limits)


def decoded_image(data: bytes, limits: Limits) -> NDArray[np.uint8] | str:
    """The first frame of an encoded image, height × width × 3; or what is wrong with it."""
    try:
        from PIL import Image
    except ImportError as error:
        raise AssaymarkError("Reading images needs Pillow.", extra("Pillow")) from error
    kind = next((name for magic, name in _FORMATS if data.startswith(magic)), "")
    if not kind:
        return "it is no JPEG, PNG, WebP, GIF, BMP or TIFF"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=(kind,)) as image:
                width, height = image.size
                if width * height > limits.pixels:
                    return f"its header claims {width:,} × {height:,} pixels, more than are decoded"
                if width * height == 0:
                    return "it has no pixels"
                return _pixels(image)
        except (*_PROBLEMS, Image.DecompressionBombError) as error:
            return f"the image cannot be decoded: {(str(error) or type(error).__name__)[:160]}"


def _pixels(image: Any) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):  # one channel of more than eight bits
        return _as_rgb(np.asarray(image))
    plain = image if image.mode == "RGB" else image.convert("RGB")
    width, height = plain.size
    return np.frombuffer(plain.tobytes(), np.uint8).reshape(height, width, 3)


def _as_rgb(array: NDArray[Any]) -> NDArray[np.uint8]:
    """An array of one, three or four channels as eight-bit RGB."""
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.dtype != np.uint8:
        array = _eight_bits(array)
    if array.ndim == 2:
        array = array[:, :, None]
    channels = array.shape[2]
    found = array[:, :, :3] if channels >= 3 else np.repeat(array[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(found)


def _eight_bits(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Shares of one as shares of 255; sixteen bits by their upper eight; others cut off."""
    values = np.nan_to_num(array.astype(np.float64), nan=0.0, posinf=255.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    if array.dtype.kind == "f" and top <= 1.0:
        values = values * 255.0
    elif top > 255.0:
        values = values / 257.0
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
