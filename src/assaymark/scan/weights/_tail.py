"""What a protocol-buffer file holds beside the fields that its format knows."""

from collections.abc import Iterator, Sequence

from assaymark.inspection import Hazard, Level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Covered, Member, Part
from assaymark.scan.weights._hidden import unclaimed
from assaymark.scan.weights._protobuf import Field
from assaymark.scan.weights._reader import Slice

__all__ = ["beside"]

SMALL = 1024
"""Bytes in fields of unknown numbers from which on they are more than a newer version's."""
TAIL = 64
"""Bytes behind the last known field that pass for a field of a newer version."""


def beside(blob: Blob, end: int, strange: Sequence[Field], *, broken: bool) -> Iterator[Part]:
    """Fields of unknown numbers, and everything behind the last known one.

    Args:
        blob: the file.
        end: where the last known field ends.
        strange: fields of unknown numbers before that.
        broken: the walk ended in an error, so that the tail is no message.
    """
    size = sum(f.size for f in strange)
    if strange:
        level = Level.UNKNOWN if size >= SMALL else Level.NOTE
        yield Hazard(
            rule="unknown-field", level=level, offset=strange[0].start,
            message=f"{size:,} bytes lie in fields of numbers that its format does not know, such as "
            f"{strange[0].number:,}; loaders pass them over.",
        )  # fmt: skip
    for found in strange:
        if found.size >= TAIL:
            name = f"@{found.start}"
            yield Member(name, Slice(blob, found.start, found.size, f"{blob.path}!/{name}"))
        else:
            yield Covered(interpreted=found.size)
    if blob.size - end < TAIL and not broken:
        yield Covered(interpreted=blob.size - end)
    else:
        yield from unclaimed(blob, end, blob.size, "after the last field that is known")
