"""Many files → their digests, on all cores: hashlib lets other threads run while it works.

Files go to the threads largest first, so that no thread is left with a giant at the end; small ones go in
batches, since handing a file over costs more than hashing it.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from assaymark.signing.listing import Found
from assaymark.signing.manifest import Resource
from assaymark.signing.names import shard_name
from assaymark.signing.problems import Trouble
from assaymark.signing.reading import CannotRead, Stamp, digest_file

__all__ = ["Piece", "digest_pieces", "pieces_of", "processors"]

_BATCH_BYTES = 8 << 20
_BATCH_FILES = 128


class Piece(Struct, frozen=True):
    """A file, or a part of one, that is to be hashed."""

    name: str
    """Relative path of the file."""
    path: str
    """Where to open it."""
    stamp: Stamp
    """What it has to be like when it is opened."""
    algorithm: str = "sha256"
    start: int = 0
    end: int = -1
    """End of the part; -1 for the whole file."""

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return (self.stamp.size if self.end < 0 else self.end) - self.start

    @property
    def label(self) -> str:
        """Its name as a resource."""
        return self.name if self.end < 0 else shard_name(self.name, self.start, self.end)

    def resource(self, digest: str) -> Resource:
        """The resource that it makes with `digest`."""
        return Resource(self.name, digest, self.algorithm, self.start, self.end)


def pieces_of(files: Sequence[Found], method: str, algorithm: str, shard_size: int) -> list[Piece]:
    """What has to be hashed for `files`, in the order of a statement."""
    if method == "files":
        return [Piece(f.name, f.path, f.stamp, algorithm) for f in files]
    pieces = [
        Piece(f.name, f.path, f.stamp, algorithm, start, min(start + shard_size, f.stamp.size))
        for f in files
        for start in range(0, max(f.stamp.size, 1), shard_size)
    ]
    return sorted(pieces, key=lambda piece: piece.label)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def digest_pieces(
    pieces: Sequence[Piece], *, workers: int = 0, told: Callable[[int], object] | None = None
) -> list[str | Trouble]:
    """The digest of each piece, or why there is none; in their order.

    Args:
        pieces: what to hash.
        workers: threads; 0 for one a processor.
        told: called, from any thread, with the count of bytes each time some were read.
    """
    workers = workers or processors()
    stop = threading.Event()

    def counted(count: int) -> None:
        if stop.is_set():
            raise CannotRead("was not read to its end")
        if told is not None:
            told(count)

    order = sorted(range(len(pieces)), key=lambda i: -pieces[i].length)
    results: list[str | Trouble] = [""] * len(pieces)

    def work(batch: list[int]) -> None:
        for i in batch:
            results[i] = _digest(pieces[i], counted)

    if workers == 1 or len(pieces) == 1:
        work(order)
        return results
    pool = ThreadPoolExecutor(workers, thread_name_prefix="hash")
    try:
        for _ in pool.map(work, _batches(order, pieces)):
            pass
    finally:
        # After Ctrl-C no further file is begun, and a large one is left at its next chunk.
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
    return results


def _digest(piece: Piece, told: Callable[[int], object]) -> str | Trouble:
    try:
        return digest_file(
            piece.path,
            piece.algorithm,
            stamp=piece.stamp,
            start=piece.start,
            end=None if piece.end < 0 else piece.end,
            told=told,
        )
    except CannotRead as error:
        return Trouble(piece.name, str(error))


def _batches(order: Sequence[int], pieces: Sequence[Piece]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for i in order:
        batch.append(i)
        size += pieces[i].length
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
