"""One local file as a blob: opened once, never through a link, read by range, bounded in time."""

import hashlib
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

__all__ = ["ChangedError", "FileBlob", "OutOfTime", "clock", "open_blob"]

WHOLE = 4 * 1024 * 1024
"""Files up to this size are read into memory at once; larger ones by range."""
_LAST = 3
"""Times the bound after which the process is ended, if its parsers would not stop."""


class OutOfTime(BaseException):
    """Not an `Exception`, so that no parser's handler can swallow it."""


class ChangedError(OSError):
    """The file is no regular file any more, or changed while it was read."""


class FileBlob:
    """A `Blob` over an open file; small files are held whole."""

    def __init__(self, handle: int, path: str, size: int) -> None:
        self.path = path
        self.size = size
        self._handle = handle
        self._whole = os.pread(handle, size, 0) if size <= WHOLE else None
        self._sha256 = ""

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the content, streamed once."""
        if not self._sha256:
            self._sha256 = self._digest()
        return self._sha256

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        end = self.size if length < 0 else min(self.size, offset + length)
        if self._whole is not None:
            return self._whole[offset:end]
        return b"".join(self._ranges(offset, end))

    def _ranges(self, offset: int, end: int) -> Iterator[bytes]:
        while offset < end:
            block = os.pread(self._handle, min(1 << 20, end - offset), offset)
            if not block:
                return
            offset += len(block)
            yield block

    def _digest(self) -> str:
        if self._whole is not None:
            return hashlib.sha256(self._whole).hexdigest()
        digest = hashlib.sha256()
        for block in self._ranges(0, self.size):
            digest.update(block)
        return digest.hexdigest()


@contextmanager
def open_blob(place: Path, shown: str) -> Iterator[FileBlob]:
    """The regular file at `place`, called `shown`; on leaving, that it is still the same is made sure.

    Raises:
        ChangedError: it is not a regular file, or it changed while it was read.
        OSError: it cannot be opened or read.
    """
    handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise ChangedError("it is not a regular file")
        yield FileBlob(handle, shown, before.st_size)
        after = os.fstat(handle)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise ChangedError("it changed while it was read; run it again")
    finally:
        os.close(handle)


@contextmanager
def clock(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in this thread after `seconds` of processor time (main thread only).

    Code written in C may never return to where an exception can be raised. Then the system ends the
    process after three times as long; those who call this do so in a process that may die.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again, should a destructor swallow the first
    signal.setitimer(signal.ITIMER_PROF, _LAST * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
