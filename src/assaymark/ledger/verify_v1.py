"""Verify a ledger of version 1 from its bytes alone. Shares with the rest only the encoding and the hashing.

Every entry is read again, its leaf hash and the root at each signed head are computed afresh, and each
head's signature is checked. What the file alone cannot show is that its tail was cut off *together with*
the heads over it: for that, hold a head elsewhere (`assaymark log head`) and pass it in.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from assaymark.ledger.entry import InvalidEntryError, decode
from assaymark.ledger.expected import Expected, held_heads, read_head
from assaymark.ledger.merkle import Frontier, leaf_hash
from assaymark.ledger.sqlite_v1 import Head, Row, Store
from assaymark.ledger.verification import MAX_PROBLEMS, Problem, Verification

__all__ = ["verified", "verify_v1"]


def verify_v1(path: Path, public_key: bytes | None = None, heads: Sequence[str] = ()) -> Verification:
    """Check the file at `path`; see `assaymark.ledger.verify`.

    Args:
        path: the ledger file.
        public_key: 32 bytes; every entry must be covered by a head that this key signed. None: by any
            key that the ledger itself names, which shows that it is whole but not whose it is.
        heads: signed heads held elsewhere, which the ledger must still agree with.

    Raises:
        AssaymarkError: the file cannot be read, or is no ledger.
    """
    with Store(path) as store, store.snapshot():
        return verified(store, public_key, heads)


def verified(store: Store, public_key: bytes | None, held: Sequence[str]) -> Verification:
    """Check an open file; what is read is one state of it only within a `snapshot`."""
    state, signers = store.state(), store.signers()
    accepted = signers if public_key is None else (public_key,)
    problems: list[Problem] = []
    expected = [
        *_stored(store.heads(), state.origin, (*accepted, *signers), problems),
        *held_heads(held, state.origin, accepted, problems),
    ]
    frontier = _walk(store, sorted(expected, key=lambda e: e.head.size), problems)
    if (state.size, state.frontier) != (frontier.size, b"".join(frontier.nodes)):
        problems.append(Problem(None, f"The stored state ({state.size} entries) is not that of the entries."))
    signed = [e for e in expected if e.by in accepted]
    covered = max((e.head.size for e in signed), default=0)
    if covered < frontier.size:
        last = frontier.size - 1
        problems.append(Problem(covered, f"No head by an accepted key covers entries {covered} to {last}."))
    return Verification(
        ok=not problems,
        size=frontier.size,
        root=frontier.root().hex(),
        origin=state.origin,
        problems=tuple(
            sorted(problems, key=lambda p: frontier.size if p.index is None else p.index)[:MAX_PROBLEMS]
        ),
        public_key=next((e.by.hex() for e in signed if e.head.size == covered), ""),
        signers=tuple(key.hex() for key in signers),
        checkpoint=newest.note if (newest := store.head()) else "",
    )


def _stored(
    heads: Sequence[Head], origin: str, keys: Sequence[bytes], problems: list[Problem]
) -> Iterator[Expected]:
    """The ledger's own heads, as far as their signatures hold."""
    start = 0
    for stored in heads:
        name = f"The head over {stored.size} entries"
        head, by = read_head(stored.note, keys, Problem(start, name), problems)
        if head and (head.origin, head.size) != (origin, stored.size):
            problems.append(
                Problem(start, f"{name} belongs elsewhere: it is signed for {head.size} of {head.origin}.")
            )
        elif head:
            yield Expected(head, start, by, name)
        start = stored.size


def _walk(store: Store, expected: Sequence[Expected], problems: list[Problem]) -> Frontier:
    """Hash every entry in order and compare the root wherever a head gives one."""
    frontier, waiting = Frontier(), list(reversed(expected))
    for row in store.rows():
        _compare(frontier, waiting, problems)
        leaf = leaf_hash(row.data)
        wrong = _wrong(row, leaf, frontier.size, store)
        if wrong:
            problems.append(wrong)
        if len(problems) >= MAX_PROBLEMS or row.index != frontier.size:
            return frontier  # past a gap every index and root is wrong; one message is enough
        frontier.add(leaf)
    _compare(frontier, waiting, problems)
    for beyond in waiting[:1]:
        size = beyond.head.size
        problems.append(
            Problem(frontier.size, f"Entries {frontier.size} to {size - 1} were removed from the end.")
        )
    return frontier


def _compare(frontier: Frontier, waiting: list[Expected], problems: list[Problem]) -> None:
    while waiting and waiting[-1].head.size == frontier.size:
        now = waiting.pop()
        if now.head.root == frontier.root():
            continue
        waiting.clear()  # every later root differs too
        last = now.head.size - 1
        if not any(p.index is not None and now.start <= p.index <= last for p in problems):
            message = f"{now.name} was signed over something else than entries {now.start} to {last}."
            problems.append(Problem(now.start, message))


def _wrong(row: Row, leaf: bytes, index: int, store: Store) -> Problem | None:
    """What is wrong with one stored entry by itself, given the leaf hash of its bytes."""
    if row.index != index:
        return Problem(index, f"Entry {index} is missing; the next one is {row.index}.")
    if leaf != row.leaf:
        other = store.row_with_leaf(leaf)
        moved = f" It is what was recorded as entry {other}." if other is not None else ""
        return Problem(index, f"Entry {index} was changed: its bytes do not give its leaf hash.{moved}")
    try:
        entry = decode(row.data)
    except InvalidEntryError as error:
        return Problem(index, f"Entry {index} is not well-formed: {error}.")
    if entry.key != row.key:
        return Problem(index, f"Entry {index} is filed under a key that is not its own.")
    return None
