"""The ledger: append statements, look them up again. `verify` is elsewhere, on purpose."""

import contextlib
import hmac
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.ledger.committing import Committer
from assaymark.ledger.entry import Entry, InvalidEntryError, decode, encode
from assaymark.ledger.index import Index, IndexLostError, open_index
from assaymark.ledger.keys import mark_secret
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.opening import Place, advised, opened
from assaymark.ledger.prover import InclusionProof, Prover
from assaymark.ledger.reading import tampered
from assaymark.ledger.wal import Record
from assaymark.ledger.writing import Writer

__all__ = ["Ledger", "Recorded"]

_AT_ONCE = 4_096


class Recorded(Struct, frozen=True):
    """An entry in its place."""

    index: int
    """Position in the ledger, from 0."""
    leaf: str
    """Hexadecimal RFC 6962 leaf hash."""
    time: str
    """When it was recorded, ISO 8601, UTC."""
    entry: Entry


class Ledger:
    """An append-only, signed list of entries. Threads and processes may append; each waits its turn."""

    def __init__(self, place: Place, key: Ed25519PrivateKey | None) -> None:
        self._place, self._log = place, place.log
        self._secret = mark_secret(key) if key else b""
        self._index: Index | None = None
        self._indexed_to = 0
        self._turn = threading.RLock()
        self._writer: Writer | None = None
        with advised(place.path):
            if key:
                self._writer = Writer(self._log, key, f"assaymark.local/{secrets.token_hex(8)}")
            else:
                self._log.load()
            self._indexed_to = self._log.base
        self._committer = Committer(self._writer, self._turn) if self._writer else None

    @classmethod
    def open(cls, path: Path | None, key: Ed25519PrivateKey | None = None) -> Self:
        """Open the ledger at `path`; with a `key` it can be appended to and is made if missing.

        A ledger of version 1, one file, is turned into a folder of the same name when it is opened with a
        key; see `convert`.

        Args:
            path: the folder, or None for a ledger in memory that is gone afterwards.
            key: signs the heads; None opens for reading.

        Raises:
            AssaymarkError: it cannot be opened, is no ledger, or was changed.
        """
        place = opened(path, writable=key is not None)
        try:
            return cls(place, key)
        except BaseException:
            place.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Publish what waits and close; everything appended is on disk already."""
        with self._turn, advised(self._place.path):
            try:
                if self._writer and not self._place.closed:
                    self._writer.publish(final=True)
                    self._indexed()
            finally:
                if self._index is not None:
                    self._index.close()
                self._place.close()

    @property
    def origin(self) -> str:
        """Name of the log, the first line of each of its heads."""
        return self._log.origin

    def append(self, entries: Iterable[Entry]) -> tuple[int, ...]:
        """Record `entries` together; all of them or none.

        Several threads that append at once share one write to the disk. The signed head follows within a
        second or so, or with `publish` or `close`.

        Returns:
            Their indices. Once returned, they survive a crash.
        """
        if self._committer is None:
            raise AssaymarkError("The ledger was opened for reading only.", "Open it with a key to append.")
        records = [self._record(encode(entry)) for entry in entries]
        if not records:
            return ()
        with advised(self._place.path):
            first = self._committer.append(records)
        if self._log.base - self._indexed_to >= _AT_ONCE:
            with self._turn, contextlib.suppress(AssaymarkError):  # it is recorded; the index can wait
                self._indexed()
        return tuple(range(first, first + len(records)))

    def publish(self) -> str:
        """Write tiles and a signed head over all that was appended; the newest head, empty if none."""
        if self._writer is None:
            raise AssaymarkError("The ledger was opened for reading only.", "Open it with a key to publish.")
        with self._turn, advised(self._place.path):
            return self._writer.publish()

    def entries(self) -> Iterator[Recorded]:
        """Every entry, oldest first. Not verified: `assaymark.ledger.verify` does that."""
        for index in range(len(self)):
            yield self._recorded(index)

    def last(self, count: int) -> tuple[Recorded, ...]:
        """The newest `count` entries, oldest first."""
        size = len(self)
        return tuple(self._recorded(n) for n in range(max(0, size - count), size))

    def last_ours(self, count: int) -> tuple[Recorded, ...]:
        """Of the newest `count` entries, those that this machine recorded; oldest first."""
        start = max(0, len(self) - count)
        with self._turn, advised(self._place.path):
            marks = self._log.marks(start)
            ours = [n for n, mark in enumerate(marks, start) if self._is_ours(mark, self._log.data(n))]
        return tuple(map(self._recorded, ours))

    def current(self, key: str) -> int | None:
        """Index of the newest entry that this machine recorded under run key `key`; None if there is none."""
        found = self.recorded([key]).get(key)
        return found[-1].index if found else None

    def recorded(self, keys: Sequence[str]) -> dict[str, tuple[Recorded, ...]]:
        """For each run key that is known, what this machine recorded under it, each statement once.

        A ledger may come with the tree that is assessed, and anybody can write one that says `met` under
        the right run key. So only entries that bear the mark of our own key are taken for our own runs.
        Two processes that made the same run at once recorded it twice; the newest of each is given.
        """
        if not self._secret:
            return {}
        found = {}
        with self._turn, advised(self._place.path):
            self._refresh()
            places = self._found(keys)
            for key in keys:
                latest = {bytes(r.entry.body): r for r in self._ours_under(key, places.get(key, ()))}
                if latest:
                    found[key] = tuple(sorted(latest.values(), key=lambda r: r.index))
        return found

    def data(self, index: int) -> bytes:
        """The bytes of an entry, as they are hashed.

        Raises:
            AssaymarkError: there is none, or it cannot be read.
        """
        with self._turn, advised(self._place.path):
            if index >= self._log.size:
                self._refresh()
            return self._log.data(index)

    def prover(self) -> Prover:
        """Proofs under the newest head: quicker than `prove` for many of them."""
        return self._prover()

    def prove(self, index: int, size: int | None = None) -> InclusionProof:
        """Proof that an entry is among the first `size` entries; None: among all that a head covers."""
        with self._turn:
            return self._prover().inclusion(index, size)

    def prove_consistency(self, earlier: int, later: int | None = None) -> tuple[bytes, ...]:
        """Proof that the ledger of `later` entries (None: all) begins with that of `earlier`."""
        with self._turn:
            return self._prover().consistency(earlier, later)

    def head(self) -> str:
        """The newest signed head, a C2SP signed note; empty if nothing was recorded yet."""
        with self._turn, advised(self._place.path):
            if self._writer and not self._place.closed:
                return self._writer.publish()
            return self._log.read_note()

    def signers(self) -> tuple[bytes, ...]:
        """Public keys (32 bytes each) that have signed heads here."""
        with self._turn, advised(self._place.path):
            return self._log.signers()

    def __len__(self) -> int:
        with self._turn, advised(self._place.path):
            self._refresh()
            return self._log.size

    def _refresh(self) -> None:
        if self._writer:
            self._writer.refresh()
        elif not self._log.refresh():
            self._log.load()

    def _record(self, data: bytes) -> Record:
        return Record(data, hmac.digest(self._secret, leaf_hash(data), "sha256"))

    def _is_ours(self, mark: bytes, data: bytes) -> bool:
        return bool(self._secret) and hmac.compare_digest(mark, self._record(data).mark)

    def _recorded(self, index: int) -> Recorded:
        data = self.data(index)
        try:
            entry = decode(data)
        except InvalidEntryError as error:
            raise tampered(f"entry {index} cannot be read: {error}") from error
        return Recorded(index, leaf_hash(data).hex(), entry.time, entry)

    def _prover(self) -> Prover:
        with self._turn, advised(self._place.path):
            if self._writer:
                self._writer.publish()
            else:
                self._log.load()
            head = self._log.signed
            return Prover(self._log.tiles, head.size, head.root or None)

    def _ours_under(self, key: str, places: Sequence[int]) -> Iterator[Recorded]:
        """Entries at `places` that bear our mark and that run key, whatever the index says."""
        for index in places:
            data = self._log.data(index)
            if _key_of(data) == key and self._is_ours(self._log.mark(index), data):
                yield self._recorded(index)

    def _found(self, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
        try:
            return self._indexed().find(keys)
        except IndexLostError:
            return self._indexed().find(keys)

    def _indexed(self) -> Index:
        """The index over all entries; what is missing there is added, and one that has more begins anew."""
        if self._index is None:
            self._index = open_index(self._place.index, self._place.index_url, log=self._log.origin)
        size = self._log.size
        if self._index.size > size:
            self._index.reset()
        try:
            self._fill(self._index, size)
        except IndexLostError:
            self._fill(self._index, size)
        return self._index

    def _fill(self, index: Index, size: int) -> None:
        while (first := index.size) < size:
            stop = min(size, first + _AT_ONCE)
            index.add(first, [_key_of(self._log.data(n)) for n in range(first, stop)])
        self._indexed_to = size


class _Keyed(Struct, frozen=True):
    key: str


_KEYED = msgspec.json.Decoder(_Keyed)


def _key_of(data: bytes) -> str:
    """The run key of an entry; empty if it has none that can be read."""
    try:
        return _KEYED.decode(data).key
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
