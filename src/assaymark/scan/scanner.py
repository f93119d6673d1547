"""The one interface of parsers: which files, which version, bytes → facts."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact

__all__ = ["Scanner"]


class Scanner(Struct, frozen=True):
    """A named, versioned parser.

    `scan` is a pure function of the blob's path and bytes. It must be total: for any bytes it
    yields facts, or a `ScanProblem`, in bounded time and memory, and raises nothing.
    """

    name: str
    """Short id, as shown in a `ScanProblem`."""
    version: int
    """Raised whenever its facts could change for the same bytes."""
    accepts: Callable[[str, bytes], bool]
    """Whether it wants this file, from the relative path and the first 4,096 bytes."""
    scan: Callable[[Blob], Iterable[Fact]]
    """The parser itself."""
