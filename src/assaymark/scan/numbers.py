"""The numbers of a model on demand (`--deep`): what is odd about them, and how they differ from a base."""

from collections.abc import Iterator, Sequence

import msgspec

from assaymark.inspection import Hazard, Inspection, Level, by_level
from assaymark.scan.blob import Blob
from assaymark.scan.part import Limits
from assaymark.scan.weights.statistics import Statistics, compare, judge_statistics, statistics
from assaymark.source.place import Place

__all__ = ["measured", "with_numbers"]

_NAMED = 20
"""Tensors that differ from the base and are named; the count of the others is given."""


def measured(place: Place, limits: Limits) -> tuple[Statistics, ...]:
    """The statistics of every tensor that the files of a place hold, for use as a base."""
    found: list[Statistics] = []
    for item in place.items():
        with place.open(item) as blob:
            found += statistics(blob, limits)
    return tuple(found)


def with_numbers(found: Inspection, blob: Blob, limits: Limits, base: Sequence[Statistics]) -> Inspection:
    """The inspection, with what its numbers show."""
    own = tuple(statistics(blob, limits))
    hazards = by_level((*found.hazards, *_judged(found, own, base)))
    return msgspec.structs.replace(found, hazards=hazards)


def _judged(found: Inspection, own: Sequence[Statistics], base: Sequence[Statistics]) -> Iterator[Hazard]:
    yield from judge_statistics(own)
    tensors = found.header.tensors if found.header else 0
    if len(own) < tensors:
        message = f"The numbers of {tensors - len(own):,} of {tensors:,} tensors are in no form that is read."
        yield Hazard(rule="numbers-not-read", level=Level.NOTE, message=message)
    if not base or not own:
        return
    names = {s.name for s in own}  # a shard holds a part of the tensors
    differences = list(compare(own, [s for s in base if s.name in names]))
    for one in differences[:_NAMED]:
        message = f"Tensor {one.name} is not like the base's: {one.reason}."
        yield Hazard(rule="numbers-differ-from-base", level=Level.NOTE, message=message, subject=one.name)
    if len(differences) > _NAMED:
        message = f"{len(differences) - _NAMED:,} more tensors are not like the base's."
        yield Hazard(rule="numbers-differ-from-base", level=Level.NOTE, message=message)
