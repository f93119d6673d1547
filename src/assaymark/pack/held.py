"""Heads that the buyer held before: the pack's ledger has to be the same or a later state of each."""

from collections.abc import Iterator, Sequence

from assaymark.ledger import checkpoint
from assaymark.ledger.checkpoint import Checkpoint
from assaymark.pack.format import CHECKPOINT, CONSISTENCY
from assaymark.pack.proven import Chain
from assaymark.pack.verification import Problem

__all__ = ["disagreements"]


def disagreements(
    held: Sequence[str], head: Checkpoint, keys: Sequence[bytes], chains: Sequence[Chain]
) -> Iterator[Problem]:
    """A problem for each held head with which the pack does not agree, or does not show that it does.

    Args:
        held: signed notes that the buyer kept.
        head: the pack's.
        keys: those that may have signed them: the ledger's and whatever the buyer trusts.
        chains: the pack's proofs of consistency.
    """
    for number, note in enumerate(held, 1):
        name = f"held head {number}"
        try:
            mine = checkpoint.parse(note)
            signed = any(checkpoint.signed_by(note, key) for key in keys)
        except ValueError as error:
            yield Problem(name, f"is no signed head of a ledger: {error}.")
            continue
        if mine.origin != head.origin:
            yield Problem(name, f"is of another ledger, {mine.origin}; the pack's is {head.origin}.")
        elif not signed:
            yield Problem(name, "bears no signature by the ledger's key, so nothing can be held against it.")
        elif reason := _against(mine, head, chains):
            yield Problem(CHECKPOINT, reason)


def _against(mine: Checkpoint, head: Checkpoint, chains: Sequence[Chain]) -> str:
    """Why `head` is no later state of `mine`, as far as the pack shows; empty if it is."""
    if mine.size == head.size:
        same = mine.root == head.root
        return "" if same else f"forks: you hold another head over the same {mine.size:,} entries."
    if mine.size > head.size:
        return (
            f"is older than what you hold: {head.size:,} entries, you hold a head over {mine.size:,}. "
            "The pack was made earlier, or the ledger was rolled back; ask for a new pack."
        )
    same_size = [chain for chain in chains if chain.head.size == mine.size]
    if any(chain.holds and chain.head.root == mine.root for chain in same_size) or not mine.size:
        return ""
    if any(chain.holds for chain in same_size):
        return f"forks: {CONSISTENCY} leads from another head over {mine.size:,} entries than you hold."
    return (
        f"is not shown to extend the head over {mine.size:,} entries that you hold; "
        "ask for a pack that was made with that head."
    )
