"""Verify a ledger from its bytes alone. Shares with appending only the encoding and the hashing.

Every entry is hashed again and compared with the tiles, the root at each signed head is computed afresh, and
each head's signature is checked. What the files alone cannot show is that the newest entries were cut off
*together with* the heads over them: for that, hold a head elsewhere (`assaymark log head`) and pass it in.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from assaymark.ledger import checkpoint
from assaymark.ledger.entry import InvalidEntryError, decode
from assaymark.ledger.expected import Expected, held_heads, read_head
from assaymark.ledger.files_read import Seen, look
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.readers import read_checkpoint
from assaymark.ledger.tiles import TileReader
from assaymark.ledger.verification import MAX_PROBLEMS, Problem, Verification
from assaymark.ledger.walk import Walk

__all__ = ["Problem", "Verification", "verify", "verify_published"]


def verify(
    path: Path, public_key: bytes | None = None, heads: Sequence[str] = (), *, entries: bool = True
) -> Verification:
    """Check the ledger at `path`.

    Args:
        path: the ledger's folder, or the file of a ledger of version 1.
        public_key: 32 bytes; every entry must be covered by a head that this key signed. None: by any
            key that the ledger itself names, which shows that it is whole but not whose it is.
        heads: signed heads held elsewhere, which the ledger must still agree with.
        entries: also check that each entry is well-formed; without that, only that none was changed.

    Raises:
        AssaymarkError: it cannot be read, or is no ledger.
    """
    with look(path) as seen:
        if isinstance(seen, Path):
            from assaymark.ledger.verify_v1 import verify_v1

            return verify_v1(seen, public_key, heads)
        return _verified(seen, public_key, heads, entries=entries)


def verify_published(
    tiles: TileReader, public_key: bytes, heads: Sequence[str] = (), *, entries: bool = True
) -> Verification:
    """Check a log as it is published, of which there is nothing but its tiles and its newest head.

    Args:
        tiles: the log's files, on a web server or in a copy.
        public_key: 32 bytes; who has to have signed the newest head.
        heads: signed heads held elsewhere, which the log must still agree with.
        entries: also check that each entry is well-formed.

    Raises:
        AssaymarkError: there is no head.
    """
    note, head = read_checkpoint(tiles)
    seen = Seen(
        tiles=tiles,
        origin=head.origin,
        size=head.size,
        note=note,
        heads=(),
        signers=(),
        base=head.size,
        records=(),
        problems=(),
    )
    return _verified(seen, public_key, heads, entries=entries)


def _verified(seen: Seen, public_key: bytes | None, held: Sequence[str], *, entries: bool) -> Verification:
    accepted = seen.signers if public_key is None else (public_key,)
    problems = list(seen.problems)
    expected = [
        *_stored(seen, (*accepted, *seen.signers), problems),
        *held_heads(held, seen.origin, accepted, problems),
    ]
    walk = _walked(seen, expected, problems, entries=entries)
    problems += walk.problems
    waiting = _waiting(seen, walk.size, problems, entries=entries)
    signed = [e for e in expected if e.by in accepted]
    covered = max((e.head.size for e in signed), default=0)
    if covered < walk.size:
        last = walk.size - 1
        problems.append(Problem(covered, f"No head by an accepted key covers entries {covered} to {last}."))
    return Verification(
        ok=not problems,
        size=walk.size,
        root=walk.root.hex(),
        origin=seen.origin,
        problems=tuple(
            sorted(problems, key=lambda p: walk.size if p.index is None else p.index)[:MAX_PROBLEMS]
        ),
        public_key=next((e.by.hex() for e in signed if e.head.size == covered), ""),
        signers=tuple(key.hex() for key in seen.signers),
        checkpoint=seen.note,
        waiting=waiting,
    )


def _stored(seen: Seen, keys: Sequence[bytes], problems: list[Problem]) -> Iterator[Expected]:
    """The ledger's own heads, as far as their signatures hold."""
    start = 0
    sizes = [_size(note) for note in seen.heads]
    for note, size in zip(seen.heads, sizes, strict=True):
        if 0 <= size < start:
            message = f"The head over {size} entries comes after one over {start} entries."
            problems.append(Problem(size, message))
            continue
        yield from _own(note, start, seen.origin, keys, problems)
        start = max(size, start)
    if seen.note:
        size = _size(seen.note)
        before = max((s for s in sizes if 0 <= s < (size if size >= 0 else start)), default=0)
        yield from _own(seen.note, before, seen.origin, keys, problems)


def _own(
    note: str, start: int, origin: str, keys: Sequence[bytes], problems: list[Problem]
) -> Iterator[Expected]:
    """One of the ledger's own heads; `start` is the size of the one before it."""
    size = _size(note)
    name = f"The head over {size if size >= 0 else f'more than {start}'} entries"
    head, by = read_head(note, keys, Problem(start, name), problems)
    if head and head.origin != origin:
        problems.append(Problem(start, f"{name} belongs elsewhere: it is signed for {head.origin}."))
    elif head:
        yield Expected(head, start, by, name)


def _size(note: str) -> int:
    """What a head says that it is over; -1 if it is none."""
    try:
        return checkpoint.parse(note).size
    except ValueError:
        return -1


def _walked(seen: Seen, expected: Sequence[Expected], problems: list[Problem], *, entries: bool) -> Walk:
    """Hash every entry in order and compare the root wherever a head gives one."""
    walk = Walk(seen.tiles, seen.size, entries=entries)
    waiting = sorted(expected, key=lambda e: e.head.size, reverse=True)
    departed: list[Expected] = []
    roots: dict[int, bytes] = {}

    def compare(size: int, root: Callable[[int], bytes]) -> None:
        roots.clear()
        while waiting and waiting[-1].head.size <= size:
            now = waiting.pop()
            covered = now.head.size
            if covered not in roots:
                roots[covered] = root(covered)
            if now.head.root != roots[covered]:
                departed.append(now)
                waiting.clear()  # every later root differs too

    def overlap(start: int, leaves: Sequence[bytes]) -> None:
        for index in range(max(start, seen.base), min(start + len(leaves), seen.base + len(seen.records))):
            if leaf_hash(seen.records[index - seen.base].data) != leaves[index - start]:
                message = f"Entry {index} in the write-ahead file is not the one in its bundle."
                problems.append(Problem(index, message))

    walk.run(compare, overlap)
    walk.finish(next((e.head.root for e in expected if e.head.size == seen.size), b""))
    _departed(departed, [*problems, *walk.problems], problems)
    if walk.size == seen.size:
        for beyond in waiting[-1:]:
            last = beyond.head.size - 1
            problems.append(Problem(walk.size, f"Entries {walk.size} to {last} were removed from the end."))
    return walk


def _departed(departed: Sequence[Expected], known: Sequence[Problem], problems: list[Problem]) -> None:
    """A head that was signed over something else, unless what was changed below it is named already."""
    for now in departed:
        last = now.head.size - 1
        if not any(p.index is not None and now.start <= p.index <= last for p in known):
            message = f"{now.name} was signed over something else than entries {now.start} to {last}."
            problems.append(Problem(now.start, message))


def _waiting(seen: Seen, size: int, problems: list[Problem], *, entries: bool) -> int:
    """How many acknowledged entries no head covers yet; each has to be well-formed."""
    behind = seen.records[max(0, size - seen.base) :]
    for index, record in enumerate(behind if entries else (), max(size, seen.base)):
        try:
            decode(record.data)
        except InvalidEntryError as error:
            problems.append(Problem(index, f"Entry {index} is not well-formed: {error}."))
        if len(problems) >= MAX_PROBLEMS:
            break
    return len(behind)
