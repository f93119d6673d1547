"""What an inspector yields, and the one interface of inspectors: bytes → parts, in file order."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from assaymark.inspection import Hazard, Header, Hole
from assaymark.scan.blob import Blob

__all__ = ["LIMITS", "MAX_NAMES", "Covered", "Inspector", "Limits", "Look", "Member", "Part"]


MAX_NAMES = 20_000
"""Characters of the list of names that a file would import."""


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds on what one file may cost; each that is hit becomes a `Hole` naming it."""

    depth: int = 8
    """Files within files."""
    members: int = 20_000
    """Files inside one file, at all depths together."""
    expanded: int = 8 << 30
    """Bytes that all compressed parts of one file may expand to."""
    ratio: int = 2_000
    """Expanded over compressed size of one part, once it has expanded to more than 64 MiB."""
    held: int = 32 << 20
    """Bytes of one part that may be held in memory at once."""
    hazards: int = 200
    """Hazards of each level kept of one file; how many more there were is said."""


LIMITS = Limits()


class Covered(Struct, frozen=True):
    """Bytes of the inspected blob itself that were accounted for (members count for themselves)."""

    interpreted: int = 0
    data: int = 0


class Member(Struct, frozen=True):
    """A file inside the file, to be inspected by its content in turn."""

    name: str
    """As the container writes it, control characters and all."""
    blob: Blob
    text: bool = False
    """The container's format gives it as text that no loader runs; only text rules apply."""


Part = Hazard | Hole | Header | Covered | Member
"""Offsets are relative to the inspected blob; `member` is left empty; the driver fills it in."""


class Look(Struct, frozen=True):
    """What decides whether an inspector wants a blob."""

    path: str
    """Path with members joined by `!/`; content decides, the name only breaks ties."""
    head: bytes
    """The first 4,096 bytes."""
    blob: Blob
    """For inspectors that must look further (a zip's end, a tar's second header); keep it cheap."""

    @property
    def name(self) -> str:
        """Last component of the path, in lower case."""
        return self.path.replace("!/", "/").rpartition("/")[2].lower()


class Inspector(Struct, frozen=True, kw_only=True):
    """One format.

    `inspect` is a pure function of the blob. It must be total: for any bytes it yields parts in bounded
    time and memory, and raises nothing but by defect (the driver turns an exception into a `Hole`).
    Several inspectors may claim one blob: all of them run, which is how polyglots show.
    """

    format: str
    claims: Callable[[Look], bool]
    inspect: Callable[[Blob, Limits], Iterable[Part]]
    carrier: bool = False
    """A container or compressor: its `Header` gives way to that of what it holds."""
