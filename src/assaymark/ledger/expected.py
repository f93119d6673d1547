"""Signed heads that a ledger has to agree with: its own, and those that somebody keeps elsewhere."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.ledger.verification import Problem

__all__ = ["Expected", "held_heads", "read_head"]


class Expected(Struct, frozen=True):
    """A head to agree with."""

    head: Checkpoint
    start: int
    """First entry that it covers and the head before it does not."""
    by: bytes
    """Key whose signature holds."""
    name: str


def held_heads(
    notes: Sequence[str], origin: str, keys: Sequence[bytes], problems: list[Problem]
) -> Iterator[Expected]:
    """Heads that somebody kept elsewhere, as far as their signatures hold."""
    for note in notes:
        name = "The head held elsewhere"
        head, by = read_head(note, keys, Problem(None, name), problems)
        if head and head.origin != origin:
            problems.append(Problem(None, f"{name} is that of another ledger, {head.origin}."))
        elif head:
            yield Expected(head, 0, by, f"{name}, over {head.size} entries,")


def read_head(
    note: str, keys: Sequence[bytes], about: Problem, problems: list[Problem]
) -> tuple[Checkpoint | None, bytes]:
    """The head in a note and the key that signed it; whatever does not hold becomes a problem."""
    try:
        head, signatures = checkpoint.taken_apart(note)
        ids = {signature.key_id for signature in signatures}  # the few keys that may have made them
        likely = [key for key in keys if checkpoint.key_id(head.origin, key) in ids]
        by = next((key for key in likely if checkpoint.signed_by(note, key)), b"")
    except ValueError as error:
        problems.append(Problem(about.index, f"{about.message} is no signed checkpoint: {error}."))
        return None, b""
    if not by:
        problems.append(Problem(about.index, f"{about.message} bears no signature that holds."))
        return None, b""
    return head, by
