"""Blobs inside blobs: slices that copy nothing, pieces with holes, and streams that are bounded.

A `StreamBlob` never raises for what its bytes are: it ends early and says why in `problem`, so that
whoever reads it sees a short file and whoever made it can report the hole.
"""

import hashlib
import zlib
from collections.abc import Sequence

from assaymark.inspection import HoleKind
from assaymark.scan.blob import Blob
from assaymark.scan.container.codecs import CODEC_ERRORS, ENDED_EARLY, MEMORY_LIMIT, Codec, Feed
from assaymark.scan.part import Limits

__all__ = ["Allowance", "PiecesBlob", "SliceBlob", "StreamBlob", "allowance_of", "digest", "is_streamed"]

RATIO_FROM = 64 << 20
"""Bytes below which a high ratio is no bomb: a megabyte of zeros shrinks to nothing."""
LONG = 1 << 30
"""Bytes from which a tenth of the ratio is enough: gigabytes of zeros cost time, if no memory."""
RESTARTS = 8
"""Times that one stream may be decompressed again from its start."""
HEAD = 1 << 16
"""First bytes of a stream that stay in memory, since every inspector asks for them."""


class Allowance:
    """What all streams inside one file may still expand to, together."""

    def __init__(self, limits: Limits) -> None:
        self.limit = limits.expanded
        self.fresh = limits.expanded
        """Bytes not seen before."""
        self.work = 2 * limits.expanded
        """Bytes, those included that are decompressed again."""


def allowance_of(blob: Blob, limits: Limits) -> Allowance:
    """That of the stream the blob lies in; a new one for a file of the tree."""
    found = getattr(blob, "allowance", None)
    return found if isinstance(found, Allowance) else Allowance(limits)


def is_streamed(blob: Blob) -> bool:
    """Whether reading the end costs reading, and expanding, all that is before it."""
    return bool(getattr(blob, "streamed", False))


def digest(blob: Blob) -> str:
    """Hexadecimal SHA-256 of a blob, read piece by piece."""
    state, at = hashlib.sha256(), 0
    while data := blob.read(at, 1 << 20):
        state.update(data)
        at += len(data)
    return state.hexdigest()


class SliceBlob:
    """A part of another blob; nothing is copied until it is read.

    Args:
        parent: where it lies.
        offset: where it begins.
        length: how long it is; no longer than what is there, where that can be told cheaply.
        path: its name.
        allowance: what streams in it share with others in the same file; the parent's if it has one.
    """

    def __init__(
        self, parent: Blob, offset: int, length: int, path: str, allowance: Allowance | None = None
    ) -> None:  # fmt: skip
        self.path = path
        self.size = max(0, min(length, parent.size - offset)) if not is_streamed(parent) else max(0, length)
        self.streamed = is_streamed(parent)
        self.allowance = allowance or getattr(parent, "allowance", None)
        self.depth: int = getattr(parent, "depth", 0)
        self._parent = parent
        self._offset = offset

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256."""
        return digest(self)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        left = self.size - offset
        if left <= 0 or offset < 0:
            return b""
        return self._parent.read(self._offset + offset, left if length < 0 else min(length, left))


class PiecesBlob:
    """A sparse file: pieces of another blob with zeros between them.

    Args:
        parent: where the pieces lie.
        pieces: offset in this file, length, offset in `parent`; sorted, without overlap.
        size: length of the whole.
        path: its name.
        allowance: as of a slice.
    """

    def __init__(
        self, parent: Blob, pieces: Sequence[tuple[int, int, int]], size: int, path: str,
        allowance: Allowance | None = None,
    ) -> None:  # fmt: skip
        self.path = path
        self.size = size
        self.streamed = is_streamed(parent)
        self.allowance = allowance or getattr(parent, "allowance", None)
        self.depth: int = getattr(parent, "depth", 0)
        self._parent = parent
        self._pieces = pieces

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256."""
        return digest(self)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`, and never more than 16 MiB of zeros at once."""
        end = self.size if length < 0 else min(self.size, offset + length)
        end = min(end, offset + (16 << 20))
        out = bytearray(max(0, end - offset))
        for start, count, at in self._pieces:
            low, high = max(start, offset), min(start + count, end)
            if low < high:
                data = self._parent.read(at + low - start, high - low)
                out[low - offset : low - offset + len(data)] = data
        return bytes(out)


class StreamBlob:
    """What a compressed part expands to, through a window of bounded size.

    Args:
        path: its name.
        codec: what decompresses; begun again when something reads backwards.
        parent: where the compressed bytes lie.
        offset: where they begin.
        packed: how many they are; None where the parent's end is theirs.
        limits: the bounds.
        allowance: shared by all streams inside one file.
        size: what the container says it expands to; what is beyond is not handed out.
    """

    streamed = True

    def __init__(
        self, path: str, codec: Codec, parent: Blob, offset: int = 0, packed: int | None = None, *,
        limits: Limits, allowance: Allowance, size: int | None = None,
    ) -> None:  # fmt: skip
        self.path = path
        self.allowance = allowance
        depth: int = getattr(parent, "depth", 0)
        self.depth = depth + 1
        """How many streams it lies in; each deeper one may hold half as much."""
        self.problem = ""
        """Why it ended early; empty while nothing is wrong."""
        self.kind = HoleKind.BROKEN
        self.ended = False
        """Whether it was read to its end, so that `seen` is its size."""
        self.seen = 0
        self.crc = 0
        """Of all that was seen, where the container declares a size, and so may declare a checksum."""
        self.excess = False
        """Whether it expands to more than the container says."""
        self._codec = codec
        self._place = (parent, offset, packed)
        self._packed = parent.size - offset if packed is None and not is_streamed(parent) else packed
        self._limits = limits
        self._declared = size
        self._held = max(1 << 20, limits.held >> depth)
        self._head = b""
        self._consumed: int | None = None
        self._restarts = -1
        self._restart()

    @property
    def consumed(self) -> int:
        """Compressed bytes that were used so far; at the end, all that belong to it."""
        return self._feed.taken - self._feed.unused if self._consumed is None else self._consumed

    @property
    def size(self) -> int:
        """Length in bytes: as declared, or counted by expanding all of it."""
        if self._declared is not None and not self.ended:
            return self._declared
        while not self.ended:
            self._more()
            self._forget(self._pos)
        return self.seen

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256."""
        return digest(self)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`, and never more than may be held."""
        length = self._held if length < 0 else min(length, self._held)
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        if offset < self._start and not self._restart():
            return self._head[offset : offset + length]
        while self._pos < offset + length and not self._done:
            self._more()
            self._forget(offset)
        return bytes(self._window[max(0, offset - self._start) : max(0, offset - self._start + length)])

    def drain(self, bound: int) -> None:
        """Expand up to `bound` bytes more, so that the end is seen."""
        stop = self._pos + bound
        while not self._done and not self.ended and self._pos < stop:
            self._more()
            self._forget(self._pos)

    def _restart(self) -> bool:
        self._restarts += 1
        if self._restarts > RESTARTS:
            self._fail(HoleKind.BOUND, f"it would have to be decompressed more than {RESTARTS} times")
            return False
        self._feed = Feed(*self._place)
        self._chunks = self._codec(self._feed)
        self._window = bytearray()
        self._start = self._pos = 0
        self._done = False
        return True

    def _more(self) -> None:
        """Fetch one chunk."""
        try:
            chunk = next(self._chunks, None)
        except CODEC_ERRORS as problem:
            bound = MEMORY_LIMIT in str(problem)
            reason = MEMORY_LIMIT if bound else f"it cannot be decompressed ({problem})"[:160]
            self._fail(HoleKind.BOUND if bound else HoleKind.BROKEN, reason)
            return
        if chunk is None:
            self._finish()
            return
        if self._declared is not None and self._pos + len(chunk) > self._declared:
            self.excess = True
            chunk = chunk[: self._declared - self._pos]
        if not self._allowed(len(chunk)):
            return
        self._take(chunk)
        if self.excess:
            self._finish()

    def _take(self, chunk: bytes) -> None:
        fresh = self._pos + len(chunk) - self.seen
        if fresh > 0:
            new = chunk[len(chunk) - fresh :]
            if self._declared is not None:
                self.crc = zlib.crc32(new, self.crc)
            self.seen += fresh
            if len(self._head) < HEAD:
                self._head += new[: HEAD - len(self._head)]
        self._window += chunk
        self._pos += len(chunk)

    def _finish(self) -> None:
        if not self.ended:
            self._consumed = self.consumed
        self._done = self.ended = True
        if self._declared is not None and self.seen < self._declared and not self.problem:
            self.problem = f"{ENDED_EARLY}: {self.seen:,} bytes instead of {self._declared:,}"

    def _allowed(self, length: int) -> bool:
        packed = max(1, self.consumed if self._packed is None else self._packed)
        end = self._pos + length
        ratio = self._limits.ratio if end <= LONG else self._limits.ratio // 10
        if end > RATIO_FROM and end > ratio * packed:
            self._fail(HoleKind.BOUND, f"it expands to more than {ratio:,} times its size")
            return False
        self.allowance.work -= length
        self.allowance.fresh -= max(0, self._pos + length - self.seen)
        if self.allowance.fresh < 0 or self.allowance.work < 0:
            reason = f"all that is compressed expands to more than {self.allowance.limit:,} bytes"
            self._fail(HoleKind.BOUND, reason)
            return False
        return True

    def _fail(self, kind: HoleKind, reason: str) -> None:
        if not self.ended:
            self._consumed = self.consumed
        self._done = self.ended = True
        if not self.problem:
            self.kind, self.problem = kind, reason

    def _forget(self, wanted: int) -> None:
        """Drop what lies far behind, but nothing from `wanted` on."""
        if len(self._window) > self._held:
            cut = min(len(self._window) - self._held // 2, wanted - self._start)
            if cut > 0:
                del self._window[:cut]
                self._start += cut
