"""Bytes that a format does not account for: padding, or something that lies there unread by any loader."""

from collections.abc import Iterator

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Member, Part
from assaymark.scan.weights._reader import Slice

__all__ = ["unclaimed"]

PADDING = 1 << 16
"""Zero bytes that pass as padding; more of them are said to be there."""


def unclaimed(blob: Blob, start: int, end: int, where: str) -> Iterator[Part]:
    """What can be said of the bytes from `start` to `end`, which no tensor or field covers.

    Zeros up to `PADDING` count as structure. Anything else is named, and handed on to be inspected
    as a file of its own.
    """
    size = end - start
    if size <= 0:
        return
    if size <= PADDING and not blob.read(start, size).strip(b"\0"):
        yield Covered(interpreted=size)
        return
    head = blob.read(start, 16)
    yield Hazard(
        rule="unclaimed-bytes", level=Level.UNKNOWN, offset=start,
        message=f"{size:,} bytes {where} belong to nothing that the file declares; no loader reads them.",
        evidence=" ".join(f"{b:02x}" for b in head),
    )  # fmt: skip
    yield Member(f"@{start}", Slice(blob, start, size, f"{blob.path}!/@{start}"))
