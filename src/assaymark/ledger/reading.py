"""A log as it lies in its folder: the newest signed head, the tiles, and the write-ahead file behind them.

Reading takes no lock and writes nothing: full tiles never change, the write-ahead file only grows until it is
replaced, and what is replaced is read again.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint, note, wal
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.note import MAX_NOTE
from assaymark.ledger.storage import Files, Storage
from assaymark.ledger.tiles import (
    CHECKPOINT,
    HASH_BYTES,
    MAX_BUNDLE_BYTES,
    WIDTH,
    InvalidTileError,
    MissingTileError,
    Tile,
    bundle_of,
    decode_bundle,
    parse_path,
)

__all__ = ["HEADS", "MARKS", "SIGNERS", "WAL", "Log", "StoredTiles", "parsed_signers", "tampered"]

WAL, MARKS, HEADS, SIGNERS = "wal", "marks", "heads", "signers"
"""Files beside the tiles."""

_MAX_SIGNERS = 1 << 16
_MARK = 32
_BUNDLES_KEPT = 4
_ATTEMPTS = 40


class StoredTiles:
    """The tiles of a log; of a partial one that was replaced, the same part of what replaced it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self, path: str) -> bytes:
        """The bytes under a name such as ``tile/0/000.p/12`` or ``checkpoint``.

        Raises:
            InvalidTileError: `path` is no such name.
            MissingTileError: there is none, or it cannot be read.
        """
        try:
            if path == CHECKPOINT:
                found = self._storage.read(path, MAX_NOTE)
            else:
                tile = parse_path(path)
                found = self._storage.read(path, _limit(tile))
                if found is None and not tile.full:
                    found = self._part_of_larger(tile)
        except OSError as error:
            raise MissingTileError(path, str(error.strerror or error)) from error
        if found is None:
            raise MissingTileError(path)
        return found

    def _part_of_larger(self, tile: Tile) -> bytes | None:
        full = Tile(tile.level, tile.index)
        data = self._storage.read(full.path, _limit(full))
        if data is None:
            widths = (int(n) for n in self._storage.names(f"{full.path}.p") if n.isascii() and n.isdecimal())
            for width in sorted(w for w in widths if tile.width < w < WIDTH):
                larger = Tile(tile.level, tile.index, width)
                data = self._storage.read(larger.path, _limit(larger))
                if data is not None:
                    break
        return None if data is None else _first(data, tile)


class Log:
    """What a folder holds, as of the last look. Not safe for several threads at once."""

    def __init__(self, files: Files, storage: Storage) -> None:
        self.files = files
        self.storage = storage
        self.tiles = StoredTiles(storage)
        self.origin = ""
        """Name of the log; empty before the first `load` of one that exists."""
        self.base = 0
        """Entries in durable tiles."""
        self.records: list[wal.Record] = []
        """Entries from `base` on."""
        self.end = 0
        """Where the next record goes in the write-ahead file."""
        self.note = ""
        """The newest signed head; empty if there is none."""
        self._bundles: OrderedDict[int, Sequence[bytes]] = OrderedDict()
        self._stamp: tuple[int, int] | None = None

    @property
    def size(self) -> int:
        """Entries that were acknowledged."""
        return self.base + len(self.records)

    @property
    def signed(self) -> Checkpoint:
        """The newest signed head; that of nothing if there is none."""
        return checkpoint.parse(self.note) if self.note else Checkpoint(self.origin, 0, b"")

    def exists(self) -> bool:
        """Whether there is a log at all."""
        return self.files.stamp(WAL) is not None or self.storage.read(CHECKPOINT, MAX_NOTE) is not None

    def load(self) -> None:
        """Read the head and the write-ahead file anew.

        Raises:
            AssaymarkError: they are damaged, or do not belong together.
        """
        for attempt in range(_ATTEMPTS):  # a writer may replace the one while we have read the other
            if attempt:
                time.sleep(0.005)
            self.note = self.read_note()
            self._load_records()
            if self.signed.size >= self.base:
                break
        signed = self.signed
        if signed.origin != self.origin:
            raise tampered(f"its head is that of another ledger, {signed.origin}")
        if signed.size < self.base:
            raise tampered(f"its head is over {signed.size} entries, and {self.base} were signed before")
        if signed.size > self.size:
            raise tampered(f"entries {self.size} to {signed.size - 1} were removed from the end")

    def refresh(self) -> bool:
        """See what others appended; False if the write-ahead file was replaced, so that `load` is needed."""
        stamp = self.files.stamp(WAL)
        if stamp == self._stamp:
            return True
        if stamp is None or self._stamp is None or stamp[0] != self._stamp[0] or stamp[1] < self.end:
            return False
        try:
            data = self.files.part(WAL, self.end, wal.MAX_BYTES)
            more = wal.read_records(data, self.end, self.size)
        except wal.DamagedError as error:
            raise tampered(str(error)) from error
        self.records += more.found
        self.end, self._stamp = more.end, stamp
        return True

    def appended(self, records: Sequence[wal.Record], length: int) -> None:
        """Take note of what this process wrote."""
        self.records += records
        self.end += length
        self._stamp = self.files.stamp(WAL)

    def rotated(self, written: bytes) -> None:
        """Take note that this process began the write-ahead file anew, with these bytes."""
        self.base, self.records, self.end = self.size, [], len(written)
        self._bundles.clear()
        self._stamp = self.files.stamp(WAL)

    def read_note(self) -> str:
        """The newest head, read afresh.

        Raises:
            AssaymarkError: it is no signed head.
        """
        data = self.storage.read(CHECKPOINT, MAX_NOTE)
        if data is None:
            return ""
        try:
            text = data.decode()
            checkpoint.parse(text)
        except ValueError as error:
            raise tampered(f"its newest head cannot be read: {error}") from error
        return text

    def signers(self) -> tuple[bytes, ...]:
        """Public keys that have signed heads here."""
        return parsed_signers(self.files.part(SIGNERS, 0, _MAX_SIGNERS), self.origin)

    def data(self, index: int) -> bytes:
        """The bytes of an entry.

        Raises:
            AssaymarkError: there is none, or its bundle is damaged or missing.
        """
        if not 0 <= index < self.size:
            raise AssaymarkError(
                f"The ledger has no entry {index}; it has {self.size}.",
                "Name one from 0 to just before that.",
            )
        if index >= self.base:
            return self.records[index - self.base].data
        number = index // WIDTH
        if number not in self._bundles:
            bundle = bundle_of(index, self.base)
            try:
                self._bundles[number] = decode_bundle(self.tiles.read(bundle.path), bundle.width)
            except InvalidTileError as error:
                raise tampered(f"{bundle.path} cannot be read: {error}") from error
            if len(self._bundles) > _BUNDLES_KEPT:
                self._bundles.popitem(last=False)
        return self._bundles[number][index % WIDTH]

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of each entry from `start` on, up to the size as it is now."""
        for index in range(start, self.size):
            yield index, self.data(index)

    def marks(self, start: int) -> list[bytes]:
        """The marks of all entries from `start` on; those that are missing are empty."""
        stored = b""
        if start < self.base:
            stored = self.files.part(MARKS, start * _MARK, (self.base - start) * _MARK)
            stored = stored.ljust((self.base - start) * _MARK, b"\0")
        found = [stored[n : n + _MARK] for n in range(0, len(stored), _MARK)]
        return found + [r.mark for r in self.records[max(0, start - self.base) :]]

    def mark(self, index: int) -> bytes:
        """The mark of one entry."""
        if index >= self.base:
            return self.records[index - self.base].mark
        return self.files.part(MARKS, index * _MARK, _MARK)

    def _load_records(self) -> None:
        self._bundles.clear()
        self._stamp = self.files.stamp(WAL)
        data = self.files.read(WAL, wal.MAX_BYTES)
        if data is None:
            head = self.signed
            self.origin, self.base, self.records, self.end = head.origin, head.size, [], 0
            return
        if len(data) > wal.MAX_BYTES:
            raise tampered("its write-ahead file is longer than any that Assaymark writes")
        try:
            self.origin, self.base, start = wal.read_header(data)
            read = wal.read_records(data[start:], start, self.base)
        except wal.DamagedError as error:
            raise tampered(str(error)) from error
        self.records, self.end = list(read.found), read.end


def parsed_signers(data: bytes, origin: str) -> tuple[bytes, ...]:
    """The keys of the log `origin` in a file of verifier keys; lines that are none count for nothing."""
    found = set()
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            key = note.parse_verifier_key(line)
        except note.InvalidNoteError:
            continue
        if key.name == origin and key.kind == note.ED25519:
            found.add(key.key)
    return tuple(sorted(found))


def tampered(problem: str) -> AssaymarkError:
    """The error for a log that is not as it was left."""
    return AssaymarkError(
        f"The ledger was changed by something other than Assaymark: {problem}.",
        "Run `assaymark log verify` to see where; restore a copy, or move it away to start a new one.",
    )


def _limit(tile: Tile) -> int:
    return MAX_BUNDLE_BYTES if tile.level < 0 else WIDTH * HASH_BYTES


def _first(data: bytes, tile: Tile) -> bytes:
    """The part of a larger tile that is `tile`."""
    if tile.level >= 0:
        return data[: tile.width * HASH_BYTES]
    place = 0
    for _ in range(tile.width):
        place += 2 + int.from_bytes(data[place : place + 2], "big")
    return data[:place]
