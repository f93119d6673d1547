"""Where each tensor's numbers lie in a file, of which type and shape, from the header alone."""

import struct
from collections.abc import Iterator

from msgspec import Struct

from assaymark.scan.blob import Blob
from assaymark.scan.part import LIMITS, Limits

__all__ = ["Place", "places"]


class Place(Struct, frozen=True):
    """One tensor within a file."""

    name: str
    dtype: str
    """As safetensors names types; others keep their format's name and are not read."""
    shape: tuple[int, ...]
    start: int
    """First byte within the file."""


def places(blob: Blob, limits: Limits = LIMITS) -> Iterator[Place]:
    """The tensors of a safetensors, GGUF or npy file; none if it is of another format or broken."""
    from assaymark.scan.weights import gguf, numpy_file, safetensors

    head = blob.read(0, 16)
    reader = safetensors.tensor_places
    if head.startswith(b"GGUF"):
        reader = gguf.tensor_places
    elif head.startswith(b"\x93NUMPY"):
        reader = numpy_file.tensor_places
    elif head[8:9] != b"{":
        return
    try:
        yield from reader(blob, limits)
    except (ValueError, SyntaxError, TypeError, struct.error, MemoryError, RecursionError):
        return
