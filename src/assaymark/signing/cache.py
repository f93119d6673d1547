"""Digests of files read before, kept in the user's cache folder: signing again reads what changed only.

An entry counts only while device, inode, size, time of change and time of status change are all the same; no
program can set the last of them. Still, whoever can write the cache can make us sign what is not there: it
belongs to the user alone, `--rehash` does without it, and verifying never uses it.
"""

import msgspec
from msgspec import Struct

from assaymark.signing.algorithms import OMS_ALGORITHMS, digest_fault
from assaymark.signing.hashing import Piece
from assaymark.signing.reading import Stamp

__all__ = ["DigestCache"]

_VERSION = 1
_SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was read may change again within one tick of the clock."""
_Key = tuple[Stamp, str, int, int]


class _Entry(Struct, frozen=True, array_like=True):
    stamp: Stamp
    algorithm: str
    start: int
    end: int
    digest: str


class _Stored(Struct, frozen=True):
    v: int
    entries: list[_Entry]


class DigestCache:
    """What was known before, and what became known in this run."""

    def __init__(self, data: bytes = b"") -> None:
        """Read what `encode` wrote; anything else counts as empty."""
        self._known: dict[_Key, str] = {}
        self._seen: dict[_Key, str] = {}
        try:
            stored = msgspec.msgpack.decode(data, type=_Stored) if data else _Stored(_VERSION, [])
        except msgspec.MsgspecError:
            return
        if stored.v == _VERSION:
            self._known = {
                (e.stamp, e.algorithm, e.start, e.end): e.digest
                for e in stored.entries
                if e.algorithm in OMS_ALGORITHMS and not digest_fault(e.algorithm, e.digest)
            }

    def get(self, piece: Piece) -> str:
        """The digest of a file that has not changed since; empty if it has to be read."""
        digest = self._known.get(_key(piece), "")
        if digest:
            self._seen[_key(piece)] = digest
        return digest

    def put(self, piece: Piece, digest: str, now_ns: int) -> None:
        """Keep what was read at `now_ns`, unless the file may change again without a trace."""
        if max(piece.stamp.mtime_ns, piece.stamp.ctime_ns) + _SETTLED_NS < now_ns:
            self._seen[_key(piece)] = digest

    def encode(self) -> bytes:
        """What this run saw, to be read by the next; what it did not see is forgotten."""
        entries = [_Entry(*key, digest) for key, digest in sorted(self._seen.items())]
        return msgspec.msgpack.encode(_Stored(_VERSION, entries))


def _key(piece: Piece) -> _Key:
    return piece.stamp, piece.algorithm, piece.start, piece.end
