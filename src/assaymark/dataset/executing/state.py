"""What a scan leaves for the next one: the merged states of engines that see the data once, in a file.

A new part of a data set is then scanned with all that came before counted in, and the old part is not read.
An engine that reads the data several times cannot do that exactly: what it looks for in the second reading
follows from all of the first. It looks at the new part by itself, which is told.
"""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.dataset.record import Layout
from assaymark.errors import UsageError
from assaymark.whole import write_atomically

__all__ = ["Saved", "SavedEngine", "SavedFile", "load", "save"]

_MAGIC = b"assaymark data state 1\n"
_MOST = 4 << 30


class SavedEngine(Struct, frozen=True):
    """One engine's state."""

    id: str
    version: int
    """Of the engine; another version starts anew."""
    state: bytes
    """As `plain` packs it."""


class SavedFile(Struct, frozen=True):
    """A file that was scanned."""

    name: str
    bytes: int
    sha256: str


class Saved(Struct, frozen=True):
    """All that is kept of earlier scans."""

    layout: Layout
    records: int
    """How many records were scanned, those that could not be read included."""
    files: tuple[SavedFile, ...]
    engines: tuple[SavedEngine, ...]


def save(path: str, saved: Saved) -> None:
    """Write it, whole or not at all; only its owner can read it, as it holds words of the data."""
    body = msgspec.msgpack.encode(saved)
    write_atomically(Path(path), _MAGIC + hashlib.sha256(body).digest() + body, mode=0o600)


def load(path: str) -> Saved | None:
    """What earlier scans left there; None if there is no such file yet.

    Raises:
        UsageError: it is something else, was damaged, or is of another version of the format.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "Name the file of an earlier scan."
        ) from error
    start = len(_MAGIC) + 32
    body = data[start:]
    if not data.startswith(_MAGIC) or hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise UsageError(
            f"{path} holds no state of a scan, or was damaged.", "Name another file, or delete it."
        )
    try:
        return msgspec.msgpack.decode(body, type=Saved)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UsageError(f"{path} holds no state of a scan: {error}", "Name another file.") from error
