"""Paths and URLs → files, and each file's bytes as a stream; links out of a folder are not followed."""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assaymark.asset import NotLookedAt
from assaymark.dataset.reading.shard import Source
from assaymark.source.blob import Blob
from assaymark.source.file import open_blob
from assaymark.source.place import LocalPlace, open_place
from assaymark.source.walk import shown_path

__all__ = ["BlobFile", "list_sources", "opened", "start_of"]

_AHEAD = 1 << 20
"""Bytes fetched at once of a remote file."""


class BlobFile(io.RawIOBase):
    """A blob as a file object, for readers that want one."""

    def __init__(self, blob: Blob, start: int = 0, stop: int = -1) -> None:
        self._blob = blob
        self._start = start
        self._size = (blob.size if stop < 0 else min(stop, blob.size)) - start
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def size(self) -> int:
        """Bytes in all."""
        return self._size

    def tell(self) -> int:
        """Where the next read starts."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to `offset` from the start, from here or from the end."""
        base = (0, self._at, self._size)[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes."""
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._blob.read(self._start + self._at, wanted) if wanted else b""
        self._at += len(data)
        return data

    def readall(self) -> bytes:
        """All that is left."""
        return self.read()

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def list_sources(targets: Sequence[str]) -> tuple[tuple[Source, ...], tuple[NotLookedAt, ...]]:
    """All files, by name, and what was left out.

    Raises:
        NothingToAssess: a target is not there.
    """
    found: dict[str, Source] = {}
    missed: list[NotLookedAt] = []
    for target in targets:
        place = open_place(target)
        local = isinstance(place, LocalPlace)
        real = Path(os.path.realpath(target.removeprefix("file://"))) if local else Path()
        base = real.parent if place.single else real
        stem = "" if len(targets) == 1 or place.single else shown_path(place.name.rstrip("/")) + "/"
        for item in place.items():
            at, url = (str(base / item.at), "") if local else (item.at, target)
            name = stem + item.path
            if name in found and found[name].at != at:
                name = f"{shown_path(place.name)}" if place.single else name
            found.setdefault(name, Source(name, at, item.size, url))
        missed += [
            NotLookedAt(path=stem + m.path, reason=m.reason, files=m.files) for m in place.not_looked_at()
        ]
    return tuple(found[name] for name in sorted(found)), tuple(missed)


@contextmanager
def opened(source: Source) -> Iterator[Blob]:
    """The file; that it stayed the same is made sure on leaving.

    Raises:
        OSError: it cannot be read, or it changed meanwhile.
    """
    if source.url:
        from assaymark.source.remote import RemoteBlob, filesystem

        yield RemoteBlob(filesystem(source.url)[0], source.at, source.name, source.size)
        return
    with open_blob(Path(source.at), source.name) as blob:
        if blob.size != source.size:
            raise OSError("its size changed since it was listed; run it again")
        yield blob


def start_of(source: Source, length: int) -> bytes:
    """The first bytes of a file, without reading the rest.

    Raises:
        OSError: it cannot be read.
    """
    if source.url:
        with opened(source) as blob:
            return blob.read(0, length)
    handle = os.open(source.at, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.pread(handle, length, 0)
    finally:
        os.close(handle)
