"""What a pack needs of a ledger: entries as hashed, and proofs under one signed head."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from assaymark.ledger.entry import Entry, encode
from assaymark.ledger.ledger import Ledger, Recorded
from assaymark.ledger.merkle import consistency_proof, leaf_hash, node_hash

__all__ = ["Log", "log_of"]


class Log(Protocol):
    """A ledger that can be appended to."""

    def append(self, entries: Iterable[Entry]) -> tuple[int, ...]:
        """Record entries; see `Ledger.append`."""
        ...

    def recorded(self, keys: Sequence[str]) -> dict[str, tuple[Recorded, ...]]:
        """What this machine recorded under run keys; see `Ledger.recorded`."""
        ...

    def head(self) -> str:
        """The newest signed note; every entry appended so far is under it."""
        ...

    def data(self, index: int) -> bytes:
        """The entry at `index`, exactly as hashed."""
        ...

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that entry `index` is among the first `size`, leaf side first."""
        ...

    def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """Proof that the first `later` entries begin with the first `earlier`."""
        ...


def log_of(ledger: Ledger) -> Log:
    """`ledger` as a `Log`."""
    return _InMemory(ledger)


class _InMemory:
    """Reads the ledger once and keeps every level of its tree."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.append = ledger.append
        self.recorded = ledger.recorded
        self._data: list[bytes] = []
        self._levels: list[list[bytes]] = []
        self._size = -1

    def head(self) -> str:
        """See `Log`."""
        return self._ledger.head()

    def data(self, index: int) -> bytes:
        """See `Log`."""
        if index >= len(self._data):
            self._data = [encode(r.entry) for r in self._ledger.entries()]
        return self._data[index]

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """See `Log`."""
        proof = []
        for level in self._tree(size):
            if (beside := index ^ 1) < len(level):
                proof.append(level[beside])
            index >>= 1
        return tuple(proof)

    def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """See `Log`."""
        return consistency_proof(self._tree(later)[0], earlier)

    def _tree(self, size: int) -> list[list[bytes]]:
        if size != self._size:
            self.data(size - 1)
            level = [leaf_hash(data) for data in self._data[:size]]
            self._levels, self._size = [level], size
            while len(level) > 1:
                # A last node without a partner stands unchanged one level higher (RFC 6962, 2.1).
                pairs = zip(level[::2], level[1::2], strict=False)
                level = [node_hash(a, b) for a, b in pairs] + ([level[-1]] if len(level) % 2 else [])
                self._levels.append(level)
        return self._levels
