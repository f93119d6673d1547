"""What a backup is made of, whatever it is stored in: entries that are read once, in order."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from msgspec import Struct

__all__ = ["CHUNK", "BadBackup", "Budget", "Entry", "as_bad_backup"]

CHUNK = 1 << 20
_ENTRIES = 2_000_000
_FREE_BYTES = 4 << 30
_RATIO = 200
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What the standard library raises on damaged archives; RuntimeError for encrypted ones."""


class BadBackup(Exception):
    """The backup cannot be read further; the message says why."""


class Entry(Struct, frozen=True):
    """One thing in a backup."""

    name: str
    """As it is written there, without a leading `./`."""
    fault: str
    """Why its content cannot be had; empty for a plain file."""
    chunks: Callable[[], Iterator[bytes]]
    """Its content, once, before the next entry is asked for."""


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


def as_bad_backup(entries: Iterator[Entry]) -> Iterator[Entry]:
    """`entries`, with what the standard library raises on damaged archives told as `BadBackup`."""
    try:
        yield from entries
    except _BROKEN as error:
        raise BadBackup(f"it is damaged or not readable: {error}") from error
