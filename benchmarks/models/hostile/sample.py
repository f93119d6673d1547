"""One hostile file or folder, and the list of techniques that make them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

Content = bytes | dict[str, bytes]
"""A file, or a folder as relative paths and their bytes."""


class Sample(NamedTuple):
    """What a technique gives."""

    name: str
    """File name; for a folder a label."""
    content: Content
    label: str = "malicious"
    """`malicious`; `hidden`: does nothing when loaded, and is there to deceive; `unreadable`: cannot be covered.

    Only of `malicious` must a scanner say that it is dangerous, or that it names what nobody knows.
    Of the two others it must not say that they are clean.
    """
    unknown: bool = False
    """Only names that nobody can know are involved: *unknown* is as good an answer as *dangerous*."""
    note: str = ""


Maker = Callable[[random.Random], Iterator[Sample]]


class Technique(NamedTuple):
    """A way to get past a scanner."""

    group: str
    """Class of section 2.1 of the research behind this benchmark: B1 to B23."""
    id: str
    make: Maker


TECHNIQUES: list[Technique] = []


def technique(group: str, id_: str) -> Callable[[Maker], Maker]:
    """List a function among the techniques."""

    def add(make: Maker) -> Maker:
        TECHNIQUES.append(Technique(group, id_, make))
        return make

    return add


_SALT = "held techniques 2"


def half(id_: str) -> str:
    """Say whether a technique is `shown` to the scanner's authors or `held` back.

    Three in ten by chance, and all that were added after the scanner was written.
    """
    if id_.startswith("new-"):
        return "held"
    return "held" if hashlib.sha256(f"{_SALT}:{id_}".encode()).digest()[0] < 77 else "shown"
