"""Ledger entries with the proofs that they are in it, as the lines of a pack's `ledger/` members."""

from base64 import b64encode
from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint, InvalidCheckpointError
from assaymark.ledger.merkle import leaf_hash, verify_consistency
from assaymark.observation import canonical
from assaymark.pack.format import ConsistencyV1, ProofV1
from assaymark.pack.log import Log

__all__ = ["Extract", "consistency_lines", "entry_lines", "proof_lines"]


class Extract(Struct, frozen=True, kw_only=True):
    """Some entries of a ledger under one signed head."""

    log: Log
    indices: tuple[int, ...]
    """Ascending."""
    note: str
    """The signed note."""

    @property
    def head(self) -> Checkpoint:
        """The head in the note."""
        return checkpoint.parse(self.note)


def entry_lines(extract: Extract) -> Iterator[bytes]:
    """One entry a line, exactly as hashed: canonical JSON holds no line feed."""
    for index in extract.indices:
        yield extract.log.data(index) + b"\n"


def proof_lines(extract: Extract) -> Iterator[bytes]:
    """One `ProofV1` a line."""
    size = extract.head.size
    for index in extract.indices:
        leaf, hashes = leaf_hash(extract.log.data(index)), extract.log.inclusion(index, size)
        yield canonical(ProofV1(index=index, leaf=leaf.hex(), hashes=_texts(hashes))) + b"\n"


def consistency_lines(extract: Extract, earlier: Sequence[str]) -> Iterator[bytes]:
    """One `ConsistencyV1` a line, from each of the signed notes `earlier`; one twice is one line.

    Raises:
        UsageError: one of them is no head of this ledger, or the ledger does not extend it.
    """
    now = extract.head
    for note in dict.fromkeys(earlier):
        before = _head(note, now)
        hashes = extract.log.consistency(before.size, now.size)
        if not verify_consistency(before.size, now.size, before.root, now.root, hashes):
            raise UsageError(
                f"The ledger does not continue from the head over {before.size:,} entries: it forks.",
                "Keep both; somebody has to explain which ledger is the true one.",
            )
        yield canonical(ConsistencyV1(checkpoint=note, hashes=_texts(hashes))) + b"\n"


def _head(note: str, now: Checkpoint) -> Checkpoint:
    try:
        before = checkpoint.parse(note)
    except InvalidCheckpointError as error:
        raise UsageError(
            f"A head to continue from is no signed checkpoint: {error}.", "Give a signed note as it was sent."
        ) from error
    if before.origin != now.origin:
        raise UsageError(
            f"A head to continue from is that of another ledger, {before.origin[:100]!r}.",
            f"This one is {now.origin}.",
        )
    if not 0 < before.size <= now.size:
        raise UsageError(
            f"A head to continue from is over {before.size:,} entries; the ledger holds {now.size:,}.",
            "If the head is genuine, entries were removed from this ledger: restore it.",
        )
    return before


def _texts(hashes: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(b64encode(h).decode() for h in hashes)
