"""Carriers and attack strings → rows in which the attack stands in a document, with its place.

The same carrier also appears clean, and some carriers with a harmless foreign sentence, so that nothing
but the attack tells them apart.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.injection.corpus.carriers import Carrier, insert
from training.injection.rows import Row

__all__ = ["Payload", "carrier_of", "poisoned"]

_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Payload:
    """An attack string and where it would stand."""

    text: str
    family: str
    group: str
    kinds: tuple[str, ...] = ("any",)
    language: str = "en"


def carrier_of(text: str, family: str, group: str) -> Carrier:
    """A carrier from a text that nobody marked: at its start and end, and after each sentence or line."""
    points, kinds = [0], ["own_line"]
    for found in _BREAK.finditer(text):
        points.append(found.end())
        kinds.append("own_line" if "\n" in found.group() else "inline")
    return Carrier(
        text=text, family=family, group=group, points=(*points, len(text)), kinds=(*kinds, "own_line")
    )


def poisoned(
    carriers: Sequence[Carrier], payloads: Sequence[Payload], times: int, rng: random.Random
) -> Iterator[Row]:
    """Each payload in `times` carriers drawn at random, at a point of a kind that fits it."""
    for payload in payloads:
        for carrier in rng.sample(carriers, k=min(times, len(carriers))):
            fitting = [
                n for n, kind in enumerate(carrier.kinds) if kind in payload.kinds or "any" in payload.kinds
            ]
            text, span = insert(carrier, rng.choice(fitting or range(len(carrier.points))), payload.text)
            yield Row(
                text=text,
                label=1,
                head="document",
                family=payload.family,
                group=payload.group,
                language=payload.language,
                spans=(span,),
            )
