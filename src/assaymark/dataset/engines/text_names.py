"""What a pattern is called: what its examples share, word for word."""

import re
from collections.abc import Sequence

from assaymark.dataset.engines.text_evidence import Sample
from assaymark.dataset.engines.text_marks import MARKS

__all__ = ["named"]

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def named(samples: Sequence[Sample], key: int) -> str:
    """What stands in all samples around the pattern, word for word; a mark has a name of its own."""
    if key <= len(MARKS):
        return MARKS[key - 1]
    core = samples[0].text[samples[0].span[0] : samples[0].span[1]]
    if len(samples) < 2:
        return core
    lefts = [_TOKEN.findall(sample.text[: sample.span[0]])[::-1] for sample in samples]
    rights = [_TOKEN.findall(sample.text[sample.span[1] :]) for sample in samples]
    left = "".join(_shared(lefts)[::-1]).lstrip()
    return left + core + "".join(_shared(rights)).rstrip()


def _shared(sides: Sequence[Sequence[str]]) -> list[str]:
    shared = []
    for pieces in zip(*sides, strict=False):
        if len({piece.casefold() for piece in pieces}) > 1:
            break
        shared.append(pieces[0])
    return shared
