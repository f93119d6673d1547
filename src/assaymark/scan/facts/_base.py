"""The base of every fact, and the fact that there is none."""

from msgspec import Struct

from assaymark.observation import Location

__all__ = ["Fact", "ScanProblem"]


class Fact(Struct, frozen=True, kw_only=True, tag=True):
    """Something a parser read in one file. Facts state; they do not judge.

    Each fact is a pure function of the file's path and bytes, so it can be cached by digest.
    A field of type ``bool | None`` is None where the parser could not tell.
    """

    at: Location
    """Where it was read."""


class ScanProblem(Fact, frozen=True, kw_only=True):
    """A parser gave up on the file, or on part of it: what it would have said is unknown."""

    scanner: str
    """Which parser."""
    reason: str
    """Why: broken syntax, a bound that was hit (and its value), encryption, an unreadable file."""
    partial: bool = False
    """Facts from the rest of the file stand beside this one."""
    built: bool = False
    """The file is build output; what would be told of it is told of its source."""
