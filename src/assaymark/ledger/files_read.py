"""What lies in a ledger's folder, for the verifier: nothing is believed, what is wrong becomes a problem."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from assaymark.ledger import checkpoint, wal
from assaymark.ledger.note import MAX_NOTE
from assaymark.ledger.opening import advised, opened_files
from assaymark.ledger.reading import HEADS, SIGNERS, WAL, StoredTiles, parsed_signers
from assaymark.ledger.storage import Files, Storage
from assaymark.ledger.tiles import CHECKPOINT, TileReader
from assaymark.ledger.verification import Problem

__all__ = ["Seen", "look"]

_MAX_HEADS = 1 << 26
_MAX_SIGNERS = 1 << 16
_ATTEMPTS = 40


class Seen(Struct, frozen=True, kw_only=True):
    """The files of one ledger at one moment."""

    tiles: TileReader
    origin: str
    size: int
    """Entries that the newest head is over; those before the write-ahead file's if it cannot be read."""
    note: str
    """The newest head; empty if there is none."""
    heads: tuple[str, ...]
    """Older heads, in the order in which they lie there."""
    signers: tuple[bytes, ...]
    base: int
    """Index of the first record."""
    records: Sequence[wal.Record]
    """What the write-ahead file holds."""
    problems: tuple[Problem, ...]
    """What could not be read."""


@contextlib.contextmanager
def look(path: Path) -> Iterator[Seen | Path]:
    """What lies at `path`; the path of the file for a ledger of version 1.

    Raises:
        AssaymarkError: nothing does, or no ledger.
    """
    with advised(path), opened_files(path) as found:
        yield found if isinstance(found, Path) else _seen(*found)


def _seen(files: Files, storage: Storage) -> Seen:
    for attempt in range(_ATTEMPTS):  # a writer may replace the one while we have read the other
        if attempt:
            time.sleep(0.005)
        problems: list[Problem] = []
        note = (storage.read(CHECKPOINT, MAX_NOTE) or b"").decode("utf-8", "replace")
        written = files.read(WAL, wal.MAX_BYTES)
        origin, base, records = _records(written or b"", problems)
        head = _parsed(note)
        if head is None or written is None or head.size >= base:
            break
    size = head.size if head else base
    if base and not note:
        problems.append(Problem(None, "The newest head is missing."))
    elif head and written and head.size < base:
        problems.append(
            Problem(head.size, f"The newest head is over {head.size} entries, and {base} were signed before.")
        )
    elif head and written and base + len(records) < head.size and not problems:
        end = base + len(records)
        problems.append(
            Problem(end, f"The write-ahead file lacks entry {end}, which the newest head covers.")
        )
    origin = origin or (head.origin if head else "")
    return Seen(
        tiles=StoredTiles(storage),
        origin=origin,
        size=size,
        note=note,
        heads=_heads(files.read(HEADS, _MAX_HEADS) or b"", note, problems),
        signers=parsed_signers(files.part(SIGNERS, 0, _MAX_SIGNERS), origin),
        base=base if written else size,
        records=records,
        problems=tuple(problems),
    )


def _records(data: bytes, problems: list[Problem]) -> tuple[str, int, Sequence[wal.Record]]:
    if not data:
        return "", 0, ()
    base = 0
    origin = ""
    try:
        if len(data) > wal.MAX_BYTES:
            raise wal.DamagedError("its write-ahead file is longer than any that Assaymark writes")
        origin, base, start = wal.read_header(data)
        return origin, base, wal.read_records(data[start:], start, base).found
    except wal.DamagedError as error:
        text = str(error)
        problems.append(Problem(error.index, f"{text[0].upper()}{text[1:]}."))
        return origin, base, ()


def _parsed(note: str) -> checkpoint.Checkpoint | None:
    try:
        return checkpoint.parse(note)
    except ValueError:
        return None


def _heads(data: bytes, newest: str, problems: list[Problem]) -> tuple[str, ...]:
    """The notes in the file of older heads: a text, a blank line, signatures, a blank line."""
    if len(data) > _MAX_HEADS:
        problems.append(Problem(None, "The file of older heads is longer than any that Assaymark writes."))
        return ()
    parts = data.decode("utf-8", "replace").split("\n\n")
    notes = [f"{text}\n\n{signatures}\n" for text, signatures in zip(parts[::2], parts[1::2], strict=False)]
    if len(parts) % 2 == 0 or parts[-1].strip():
        problems.append(Problem(None, "The file of older heads does not end as one."))
    return tuple(note for note in notes if note != newest)
