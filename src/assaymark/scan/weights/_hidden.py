"""Where tensors lie in a file: what overlaps, what is cut off, and what belongs to nobody."""

from collections.abc import Iterator, Sequence

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Member, Part
from assaymark.scan.weights._reader import Slice
from assaymark.scan.weights._words import short

__all__ = ["Span", "lie", "unclaimed"]

Span = tuple[int, int, str]
"""First byte, byte after the last, both from the data's beginning, and the tensor's name."""
MAX_IDLE = 4096
"""Zero bytes beyond the padding that are noted and no more, in formats that pad."""
MAX_GAPS = 20
"""Gaps of one file that are handed on to be inspected."""


def unclaimed(blob: Blob, start: int, end: int, where: str, padding: int = 0) -> Iterator[Part]:
    """What can be said of the bytes from `start` to `end`, which no tensor or field covers.

    The zeros they begin with, at most `padding` of them, count as structure. Anything else is named, and
    handed on to be inspected as a file of its own.
    """
    head = blob.read(start, min(padding, max(0, end - start)))
    zeros = len(head) - len(head.lstrip(b"\0"))
    if zeros:
        yield Covered(interpreted=zeros)
    start += zeros
    size = end - start
    if size <= 0:
        return
    idle = padding and size <= MAX_IDLE and not blob.read(start, size).strip(b"\0")
    yield Hazard(
        rule="unclaimed-bytes", level=Level.NOTE if idle else Level.UNKNOWN, offset=start,
        message=f"{size:,} bytes {where} belong to nothing that the file declares; no loader reads them.",
        evidence=" ".join(f"{b:02x}" for b in blob.read(start, 32)),
    )  # fmt: skip
    if idle:
        yield Covered(interpreted=size)
        return
    name = f"@{start}"
    yield Member(name, Slice(blob, start, size, f"{blob.path}!/{name}"))


def lie(blob: Blob, base: int, spans: Sequence[Span], *, padding: int = 0) -> Iterator[Part]:
    """How tensors lie between `base` and the file's end: overlaps, gaps, ends that are missing, a tail.

    Args:
        blob: the file.
        base: where the data begins.
        spans: the tensors; those of no bytes are passed over.
        padding: zero bytes that the format allows between and behind tensors.
    """
    total = blob.size - base
    end = covered = overlaps = gaps = 0
    last = first = ""
    for start, stop, name in sorted(s for s in spans if s[1] > s[0]):
        if start < end:
            overlaps += 1
            first = first or f"{short(name, 60)} begins at {start:,}, {short(last, 60)} ends at {end:,}"
        elif start > end:
            gaps += 1
            if gaps <= MAX_GAPS:
                yield from unclaimed(blob, base + end, base + min(start, total), "between tensors", padding)
        if min(stop, total) > end:
            covered += min(stop, total) - max(start, end)
        if stop > end:
            end, last = stop, name
    yield Covered(data=max(0, covered))
    if overlaps:
        message = f"{overlaps:,} tensors share bytes with another: {first}."
        yield Hazard(rule="tensor-overlap", level=Level.UNKNOWN, message=message, offset=base)
    if gaps > MAX_GAPS:
        reason = f"more than {MAX_GAPS} gaps between tensors; the rest was not looked into"
        yield Hole(kind=HoleKind.BOUND, reason=reason)
    if end > total:
        reason = f"its tensors end at byte {end:,} of data, and there are {max(0, total):,}: it was cut off"
        yield Hole(kind=HoleKind.BROKEN, reason=reason, size=end - max(0, total))
    yield from unclaimed(blob, base + end, blob.size, "after the last tensor", padding)
