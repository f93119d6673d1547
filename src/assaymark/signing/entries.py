"""What a backup is made of, whatever it is stored in: entries that are read once, in order."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from msgspec import Struct

__all__ = ["BROKEN", "CHUNK", "BadBackup", "BadEntry", "Budget", "Entry"]

CHUNK = 1 << 20
_ENTRIES = 2_000_000
_FREE_BYTES = 4 << 30
_RATIO = 200
BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)
"""What the standard library raises on damaged archives; RuntimeError for encrypted ones."""


class BadBackup(Exception):
    """The backup cannot be read further; the message says why."""


class BadEntry(Exception):
    """One entry cannot be read, others can; the message completes the sentence "NAME …"."""


class Entry(Struct, frozen=True):
    """One thing in a backup."""

    name: str
    """As it is written there, without a leading `./`."""
    fault: str
    """Why its content cannot be had; empty for a plain file."""
    chunks: Callable[[], Iterator[bytes]]
    """Its content, once, before the next entry is asked for; raises `BadEntry` or `BadBackup`."""


class Budget:
    """How much a backup may expand to: what is read from it may not outgrow it without measure."""

    def __init__(self, stored: int) -> None:
        self._bytes = _FREE_BYTES + _RATIO * stored
        self._entries = _ENTRIES

    def entry(self) -> None:
        """Account for one more entry.

        Raises:
            BadBackup: there are too many.
        """
        self._entries -= 1
        if self._entries < 0:
            raise BadBackup(f"it holds more than {_ENTRIES:,} entries")

    def read(self, count: int) -> None:
        """Account for bytes that came out.

        Raises:
            BadBackup: it expands too far.
        """
        self._bytes -= count
        if self._bytes < 0:
            raise BadBackup(f"it expands more than {_RATIO}-fold; unpack it yourself and name the folder")
