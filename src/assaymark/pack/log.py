"""What a pack needs of a ledger: entries as hashed, and proofs under one signed head."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from assaymark.ledger.entry import Entry
from assaymark.ledger.ledger import Ledger, Recorded
from assaymark.ledger.prover import Prover

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
    return _OfLedger(ledger)


class _OfLedger:
    """Keeps one prover, whose memory of the tree serves all proofs under one head."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._prover: Prover | None = None
        self.append = ledger.append
        self.recorded = ledger.recorded
        self.head = ledger.publish

    def data(self, index: int) -> bytes:
        """See `Log`."""
        return self._ledger.data(index)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """See `Log`."""
        return self._of(size).inclusion(index, size).hashes

    def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """See `Log`."""
        return self._of(later).consistency(earlier, later)

    def _of(self, size: int) -> Prover:
        if self._prover is None or self._prover.size < size:
            self._prover = self._ledger.prover()
        return self._prover
