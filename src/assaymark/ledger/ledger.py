"""The ledger: append statements, look them up again. `verify` is elsewhere, on purpose."""

import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.entry import Entry, InvalidEntryError, decode, encode
from assaymark.ledger.keys import mark_secret, public_bytes
from assaymark.ledger.merkle import Frontier, leaf_hash
from assaymark.ledger.store import Head, Row, State, Store

__all__ = ["Ledger", "Recorded"]


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
    """An append-only, signed list of entries. Several processes may append; each waits its turn."""

    def __init__(self, store: Store, key: Ed25519PrivateKey | None) -> None:
        self._store = store
        self._key = key
        self._secret = mark_secret(key) if key else b""

    @classmethod
    def open(cls, path: Path | None, key: Ed25519PrivateKey | None = None) -> Self:
        """Open the ledger at `path`; with a `key` it can be appended to and is made if missing.

        Args:
            path: the file, or None for a ledger in memory that is gone afterwards.
            key: signs the heads; None opens for reading.

        Raises:
            AssaymarkError: it cannot be opened, or is no ledger.
        """
        return cls(Store(path, origin=f"assaymark.local/{secrets.token_hex(8)}" if key else ""), key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; everything appended is on disk already."""
        self._store.close()

    def append(self, entries: Iterable[Entry]) -> tuple[int, ...]:
        """Record `entries` in one transaction under one signed head; all of them or none.

        Returns:
            Their indices. Once returned, they survive a crash.
        """
        if self._key is None:
            raise AssaymarkError("The ledger was opened for reading only.", "Open it with a key to append.")
        encoded = [(entry.key, encode(entry)) for entry in entries]
        if not encoded:
            return ()
        with self._store.batch():
            state = self._store.state()
            frontier = self._trusted_frontier(state)
            rows = [self._row(state.size + n, key, data) for n, (key, data) in enumerate(encoded)]
            frontier.extend(row.leaf for row in rows)
            head = Checkpoint(state.origin, frontier.size, frontier.root())
            note = Head(head.size, checkpoint.sign(head, self._key))
            self._store.add(rows, note, public_bytes(self._key), b"".join(frontier.nodes))
        return tuple(row.index for row in rows)

    def entries(self) -> Iterator[Recorded]:
        """Every entry, oldest first. Not verified: `assaymark.ledger.verify` does that."""
        return (_recorded(row) for row in self._store.rows())

    def last(self, count: int) -> tuple[Recorded, ...]:
        """The newest `count` entries, oldest first."""
        size = len(self)
        return tuple(_recorded(row) for row in self._store.rows(max(0, size - count)))

    def last_ours(self, count: int) -> tuple[Recorded, ...]:
        """Of the newest `count` entries, those that this machine recorded; oldest first."""
        size = len(self)
        return tuple(_recorded(r) for r in self._store.rows(max(0, size - count)) if self._is_ours(r))

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
        found = {}
        for key in keys:
            rows = (row for row in self._store.rows_with(key) if self._is_ours(row))
            latest = {bytes(r.entry.body): r for r in map(_recorded, rows)}
            if latest:
                found[key] = tuple(sorted(latest.values(), key=lambda r: r.index))
        return found

    def head(self) -> str:
        """The newest signed head, a C2SP signed note; empty if nothing was recorded yet."""
        head = self._store.head()
        return head.note if head else ""

    def signers(self) -> tuple[bytes, ...]:
        """Public keys (32 bytes each) that have signed heads here."""
        return self._store.signers()

    def __len__(self) -> int:
        return self._store.state().size

    def _row(self, index: int, key: str, data: bytes) -> Row:
        leaf = leaf_hash(data)
        return Row(index, key, leaf, data, self._mark(leaf))

    def _mark(self, leaf: bytes) -> bytes:
        return hmac.digest(self._secret, leaf, "sha256")

    def _is_ours(self, row: Row) -> bool:
        leaf = leaf_hash(row.data)  # not the stored one: the mark has to fit the bytes
        return bool(self._secret) and hmac.compare_digest(row.mark, self._mark(leaf))

    def _trusted_frontier(self, state: State) -> Frontier:
        """The stored frontier, if it is what the newest head says: nothing is signed on top of a change."""
        head = self._store.head()
        nodes = [state.frontier[n : n + 32] for n in range(0, len(state.frontier), 32)]
        try:
            frontier = Frontier(state.size, nodes)
            signed = checkpoint.parse(head.note) if head else Checkpoint(state.origin, 0, frontier.root())
        except ValueError as error:
            raise _tampered(str(error)) from error
        if (signed.origin, signed.size, signed.root) != (state.origin, frontier.size, frontier.root()):
            raise _tampered("its state is not the one that was signed last")
        if head and not any(checkpoint.signed_by(head.note, key) for key in self._store.signers()):
            raise _tampered("the signature of its newest head does not hold")
        return frontier


def _recorded(row: Row) -> Recorded:
    try:
        entry = decode(row.data)
    except InvalidEntryError as error:
        raise _tampered(f"entry {row.index} cannot be read: {error}") from error
    return Recorded(row.index, row.leaf.hex(), entry.time, entry)


def _tampered(problem: str) -> AssaymarkError:
    return AssaymarkError(
        f"The ledger was changed by something other than Assaymark: {problem}.",
        "Run `assaymark log verify` to see where; restore a copy, or move it away to start a new one.",
    )
