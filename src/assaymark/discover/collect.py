"""A folder → every fact in it: walk, answer from the cache what did not change, parse the rest."""

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from assaymark.asset import FileEntry, NotLookedAt, Tree
from assaymark.discover.cache import Cache, Row
from assaymark.discover.history import history_key, read_history
from assaymark.discover.read import FileFacts, read_file, unreadable
from assaymark.discover.stamp import parsers_stamp
from assaymark.scan import facts as vocabulary
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.registry import all_scanners
from assaymark.source.executor import executor_for, units_of
from assaymark.source.walk import OWN, Found, Walk, walk

__all__ = ["Collected", "collect"]

UNIT_BYTES = 2_000_000
"""Bytes in one work unit; small enough that two cores finish together."""
UNIT_FILES = 100
_size = operator.attrgetter("size")


class Collected(Struct, frozen=True):
    """What a folder holds, before anything is judged."""

    facts: tuple[Fact, ...]
    """Facts of all files, then of the git history."""
    tree: Tree
    not_looked_at: tuple[NotLookedAt, ...]
    parsed: int
    """Files parsed now; the others were answered from the cache."""


def collect(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    skip: frozenset[Path] = frozenset(),
    cache: Path | None = None,
    rehash: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """Discover everything below `root` by parsing; nothing is loaded, run or written there.

    Args:
        root: the folder to assess.
        exclude: the manifest's glob patterns.
        skip: absolute paths that Assaymark writes to.
        cache: where digests and facts are remembered; None remembers nothing.
        rehash: read every file again, whatever the cache says.
        jobs: processes; None means one a core.
        progress: called with files done and files in all.

    Raises:
        NothingToAssess: no such folder, or nothing in it.
    """
    seen = walk(root, exclude=exclude, skip=skip)
    with Cache(cache, parsers_stamp()) as store:
        known, new = _split(store, seen, rehash)
        rows = list(_parse(root, new, jobs, progress, len(seen.files)))
        store.store((row for row in rows if row[4]), _gone(store, seen))  # what failed is tried again
        past = _history(root, store)
    digests = {f.path: (digest, facts) for f, (digest, facts) in known}
    digests.update({row[0]: (row[4], row[5]) for row in rows})
    return _collected(seen, digests, past, len(rows))


def _split(
    store: Cache, seen: Walk, rehash: bool
) -> tuple[list[tuple[Found, tuple[str, bytes]]], list[Found]]:
    if rehash:
        return [], list(seen.files)
    pairs = list(store.known(seen.files))
    return [(f, hit) for f, hit in pairs if hit is not None], [f for f, hit in pairs if hit is None]


def _parse(
    root: Path,
    files: list[Found],
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    total: int,
) -> Iterator[Row]:
    done = total - len(files)
    if files:
        all_scanners()  # imported once, here, and not again in each process
    executor = executor_for(sum(f.size for f in files), jobs)
    units = list(units_of(files, _size, most_bytes=UNIT_BYTES, most_items=UNIT_FILES))
    for rows in executor.map(functools.partial(_parsed, root), units, _lost):
        done += len(rows)
        if progress is not None:
            progress(done, total)
        yield from rows


def _parsed(root: Path, file: Found) -> Row:
    return _row(file, read_file(root, file))


def _lost(file: Found, reason: str) -> Row:
    return _row(file, unreadable(file, reason))


def _row(file: Found, got: FileFacts) -> Row:
    return (file.path, file.size, file.mtime_ns, file.inode, got.sha256, msgspec.json.encode(got.facts))


def _gone(store: Cache, seen: Walk) -> set[str]:
    return store.paths() - {f.path for f in seen.files}


def _history(root: Path, store: Cache) -> tuple[Fact, ...]:
    key = f"history:{history_key(root)}"
    kept = store.get(key)
    if kept is not None:
        return _decoder().decode(kept)
    facts = read_history(root)
    store.put(key, msgspec.json.encode(facts))
    return facts


@functools.cache
def _decoder() -> msgspec.json.Decoder[tuple[Fact, ...]]:
    kinds = [getattr(vocabulary, name) for name in vocabulary.__all__]
    union = functools.reduce(lambda a, b: a | b, [k for k in kinds if _is_fact(k)])
    return msgspec.json.Decoder(tuple[union, ...])  # type: ignore[valid-type]


def _is_fact(kind: type) -> bool:
    return issubclass(kind, Fact) and kind is not Fact


def _collected(
    seen: Walk, digests: dict[str, tuple[str, bytes]], past: tuple[Fact, ...], parsed: int
) -> Collected:
    found = [(file, *digests[file.path]) for file in seen.files]
    entries = [FileEntry(file.shown, file.size, sha256) for file, sha256, _ in found]
    # One array of all facts decodes in half the time of one array a file.
    encoded = b",".join(facts[1:-1] for _, _, facts in found if facts != b"[]")
    facts = _decoder().decode(b"[" + encoded + b"]")
    unread = tuple(e.path for e in entries if not e.sha256)
    missed = (*seen.not_looked_at, *_unread(facts))
    # A ledger or report of ours that appears in the tree is no change of the system.
    left_out = (m.path for m in seen.not_looked_at if m.reason != OWN)
    tree = Tree(tuple(entries), (*unread, *left_out))
    return Collected((*facts, *past), tree, missed, parsed)


def _unread(facts: Iterable[Fact]) -> Iterator[NotLookedAt]:
    """What no parser, or not every parser, could read: each file and reason once."""
    problems = (f for f in facts if isinstance(f, ScanProblem))
    for path, reason, partial in dict.fromkeys((p.at.path, p.reason, p.partial) for p in problems):
        yield NotLookedAt(path=path, reason=f"in part: {reason}" if partial else reason)
