"""Appending to a log: first the write-ahead file, then, once a second or so, tiles and a signed head.

What `commit` returns for is on disk. What `publish` writes can be made again from the write-ahead file, which
is begun anew only when tiles and head are on disk themselves.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint, wal
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.edge import Edge
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.reading import HEADS, MARKS, SIGNERS, WAL, Log, tampered
from assaymark.ledger.tiles import (
    CHECKPOINT,
    WIDTH,
    InvalidTileError,
    MissingTileError,
    Tile,
    levels,
    partial,
)

__all__ = ["Writer"]

PUBLISH_SECONDS = 1.0
PUBLISH_ENTRIES = 4_096
ROTATE_BYTES = 4 << 20
ROTATE_BYTES_AT_END = 1 << 18
KEEP_HEAD_ENTRIES = 4_096
KEEP_HEAD_SECONDS = 3_600.0
_MARK = 32


class Writer:
    """The one that appends, among this process's threads; other processes wait for the lock on the folder."""

    def __init__(self, log: Log, key: Ed25519PrivateKey, origin: str) -> None:
        """Start the log if it is new, and check that it is in the state that was signed last.

        Args:
            log: where it lies.
            key: signs its heads.
            origin: name of the log, should it be new.

        Raises:
            AssaymarkError: it was changed; nothing is signed on top of a change.
        """
        self._log, self._key, self._public = log, key, public_bytes(key)
        self._edge = Edge()
        self._stale: set[str] = set()
        self._marked = 0
        self._failed = False
        self._known: Edge | None = None  # what the log has to begin with when it is read again
        self._published = time.monotonic()
        self._kept = (0, self._published)
        with log.files.lock():
            if not log.exists():
                log.files.write(WAL, wal.header(origin, 0), durable=True)
            self._load()

    def commit(self, batches: Sequence[Sequence[wal.Record]]) -> list[int]:
        """Put batches on disk with one write; the index of the first entry of each.

        A publication that fails afterwards fails at the next one too, or at the end: the entries are safe.
        """
        log = self._log
        with log.files.lock():
            self._refresh()
            data = wal.written(batches, log.end, log.size)
            if log.end + len(data) > wal.MAX_BYTES and log.records:
                self._publish(rotate=0)
                data = wal.written(batches, log.end, log.size)
            if log.end + len(data) > wal.MAX_BYTES:
                raise AssaymarkError(
                    f"A batch of {len(data):,} bytes is too long for the ledger.", "Append it in parts."
                )
            first = log.size
            self._write(data)
            log.appended([record for batch in batches for record in batch], len(data))
            if self._due():
                with contextlib.suppress(OSError):
                    self._publish(rotate=ROTATE_BYTES)
        return [first := first + (len(batches[n - 1]) if n else 0) for n in range(len(batches))]

    def publish(self, *, final: bool = False) -> str:
        """Write tiles and head for what waits; the newest head."""
        with self._log.files.lock():
            self._refresh()
            self._publish(rotate=ROTATE_BYTES_AT_END if final else ROTATE_BYTES)
            if final and self._log.note:
                self._keep_head()
        return self._log.note

    def refresh(self) -> None:
        """See what other processes appended."""
        with self._log.files.lock():
            self._refresh()

    def _write(self, data: bytes) -> None:
        log = self._log
        if (log.files.stamp(WAL) or (0, 0))[1] > log.end:
            log.files.cut(WAL, log.end)  # what a killed process left half-written
        try:
            log.files.patch(WAL, log.end, data, durable=True)
        except OSError:
            with contextlib.suppress(OSError):
                log.files.cut(WAL, log.end)
            raise

    def _due(self) -> bool:
        waiting = self._log.size - self._edge.size
        soon = waiting >= PUBLISH_ENTRIES and not self._failed  # a store that is down is asked once a second
        return soon or time.monotonic() - self._published >= PUBLISH_SECONDS

    def _refresh(self) -> None:
        if self._known is not None or not self._log.refresh():
            self._known = self._known or self._whole_edge()
            self._load()
            self._refuse_departure(self._known)
            self._known = None

    def _load(self) -> None:
        """Read all anew; what is signed has to be what lies there."""
        log = self._log
        log.load()
        if log.files.stamp(WAL) is None:  # a log that was handed over without its empty write-ahead file
            if not log.note:
                raise tampered("its files are gone")
            log.files.write(WAL, wal.header(log.origin, log.base), durable=True)
            log.load()
        try:
            self._edge = Edge.load(log.tiles, log.base)
            self._advance(self._edge, log.signed.size)
        except MissingTileError as error:
            raise tampered(error.message.rstrip(".")) from error
        except InvalidTileError as error:
            raise tampered(str(error)) from error
        self._check_head(log.note)
        self._stale, self._marked = set(self._partials_in_the_way()), log.base

    def _check_head(self, text: str) -> None:
        if not text:
            if self._log.base:
                raise tampered("its newest head is missing")
            return
        head = checkpoint.parse(text)
        if (head.origin, head.size, head.root) != (self._log.origin, self._edge.size, self._edge.root()):
            raise tampered("its state is not the one that was signed last")
        keys = (self._public, *self._log.signers())
        if not any(checkpoint.signed_by(text, key) for key in keys):
            raise tampered("the signature of its newest head does not hold")

    def _advance(self, edge: Edge, size: int) -> None:
        records = self._log.records[edge.size - self._log.base : size - self._log.base]
        for record in records:
            edge.add(leaf_hash(record.data), record.data)

    def _whole_edge(self) -> Edge:
        """The edge over everything that this process knows to be acknowledged."""
        edge = Edge()
        edge.copy(self._edge)
        self._advance(edge, self._log.size)
        return edge

    def _refuse_departure(self, before: Edge) -> None:
        """Another process began the write-ahead file anew: its log has to begin with the one known here."""
        log = self._log
        if log.size >= before.size:
            if before.size <= self._edge.size:
                now = Edge.load(log.tiles, before.size, entries=False)
            else:
                now = Edge()
                now.copy(self._edge)
                self._advance(now, before.size)
            if now.nodes() == before.nodes():
                return
        raise tampered(f"it does not begin with the {before.size} entries that were there before")

    def _publish(self, *, rotate: int) -> None:
        """Tiles, marks and head for what waits; each step may fail and is then done again the next time."""
        log = self._log
        self._published = time.monotonic()
        try:
            self._adopt(log.read_note())
            if log.size > log.signed.size:
                self._sign()
            if log.records and log.end > rotate:
                self._rotate()
        except OSError:
            self._failed = True
            raise
        except BaseException:
            self._known = self._whole_edge()  # what was half done is read again; the write-ahead file has it
            raise
        self._failed = False

    def _sign(self) -> None:
        log, before = self._log, self._log.signed.size
        self._remember()
        self._advance(self._edge, log.size)
        self._write_tiles()
        self._write_marks()
        head = Checkpoint(log.origin, log.size, self._edge.root())
        text = checkpoint.sign(head, self._key)
        log.storage.write(CHECKPOINT, text.encode(), durable=True)
        log.note = text
        self._drop_stale(before)
        if self._keeps(head.size):
            self._keep_head()

    def _adopt(self, text: str) -> None:
        """Go on from the head that another process signed meanwhile, if it is over what is known here."""
        if text == self._log.note:
            return
        head = checkpoint.parse(text) if text else Checkpoint("", -1, b"")
        if not self._edge.size <= head.size <= self._log.size:
            raise tampered(f"its newest head is over {max(0, head.size)} entries, that before was over more")
        self._stale |= {tile.path for tile in _partials(head.size)}
        self._advance(self._edge, head.size)
        self._check_head(text)
        self._log.note = text

    def _remember(self) -> None:
        """Keep whose key signs here, and the head before ours."""
        log = self._log
        if self._public not in log.signers():
            line = checkpoint.verifier_key(log.origin, self._public)
            self._grow(SIGNERS, f"{line}\n".encode())
        if log.note and not checkpoint.signed_by(log.note, self._public):
            self._keep_head()

    def _keeps(self, size: int) -> bool:
        entries, when = self._kept
        return size - entries >= KEEP_HEAD_ENTRIES or time.monotonic() - when >= KEEP_HEAD_SECONDS

    def _keep_head(self) -> None:
        """Add the newest head to the kept ones."""
        log = self._log
        text = log.note.encode() + b"\n"
        size = (log.files.stamp(HEADS) or (0, 0))[1]
        if log.files.part(HEADS, max(0, size - len(text)), len(text)) != text:
            self._grow(HEADS, text)
        self._kept = (log.signed.size, time.monotonic())

    def _grow(self, name: str, data: bytes) -> None:
        """Append to a small file, on a line of its own."""
        files = self._log.files
        size = (files.stamp(name) or (0, 0))[1]
        if size and files.part(name, size - 1, 1) != b"\n":
            data = b"\n" + data
        files.patch(name, size, data, durable=True)

    def _write_tiles(self) -> None:
        storage = self._log.storage
        for tile, data in sorted(self._edge.finished.items()):
            storage.write(tile.path, data)
        for tile, data in self._edge.partials():
            storage.write(tile.path, data)
            self._stale.add(tile.path)
        self._edge.finished.clear()

    def _write_marks(self) -> None:
        log = self._log
        log.files.patch(MARKS, self._marked * _MARK, b"".join(log.marks(self._marked)))
        self._marked = log.size

    def _drop_stale(self, before: int) -> None:
        """Drop partial tiles but for those of this head, of the one before, and of the durable state."""
        log = self._log
        kept = {tile.path for size in (log.base, before, self._edge.size) for tile in _partials(size)}
        for path in sorted(self._stale - kept):
            log.storage.drop(path)
        self._stale &= kept

    def _partials_in_the_way(self) -> Iterator[str]:
        """Partial tiles that lie where the log may write, of whatever width."""
        log = self._log
        for level in range(-1, levels(log.size)):
            span = WIDTH ** (max(level, 0) + 1)
            for index in range(log.base // span, log.size // span + 1):
                folder = f"{Tile(level, index).path}.p"
                yield from (f"{folder}/{n}" for n in log.storage.names(folder) if n.isdecimal())

    def _rotate(self) -> None:
        """Begin the write-ahead file anew, once all that it holds is on disk elsewhere."""
        log = self._log
        self._write_tiles()  # also what a process wrote that is gone: whether it was synced nobody knows
        log.storage.sync()
        if log.files is not log.storage:
            log.files.sync()
        written = wal.header(log.origin, log.size)
        log.files.write(WAL, written, durable=True)
        log.rotated(written)
        self._drop_stale(log.size)


def _partials(size: int) -> list[Tile]:
    return [tile for level in range(-1, levels(size)) if (tile := partial(level, size))]
