"""One file → its digest and facts: opened once, read by range, bounded in time."""

import hashlib
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from msgspec import Struct

from assaymark.discover.walk import Found
from assaymark.observation import Location
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.registry import scan_blob

__all__ = ["FileBlob", "FileFacts", "read_file", "unreadable"]

WHOLE = 4 * 1024 * 1024
"""Files up to this size are read into memory at once; larger ones by range."""
SECONDS = 20
"""Processor time after which the parsers of one file are stopped."""
_LAST = 3
"""Times `SECONDS` after which the process is ended, if they would not stop."""


class FileFacts(Struct, frozen=True):
    """What one file gave."""

    path: str
    """As the operating system names it."""
    sha256: str
    """Empty if it could not be read."""
    facts: tuple[Fact, ...]


class _OutOfTime(BaseException):
    """Not an `Exception`, so that no parser's handler can swallow it."""


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


def read_file(root: Path, found: Found) -> FileFacts:
    """Digest and facts of one file; whatever goes wrong is a `ScanProblem`, never an exception."""
    try:
        handle = os.open(root / found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return unreadable(found, f"it cannot be opened ({error.strerror})")
    try:
        return _read(handle, found)
    except OSError as error:
        return unreadable(found, f"reading it failed ({error.strerror})")
    finally:
        os.close(handle)


def _read(handle: int, found: Found) -> FileFacts:
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        return unreadable(found, "it is no longer a regular file")
    blob = FileBlob(handle, found.shown, before.st_size)
    sha256 = blob.sha256
    facts = _facts_in_time(blob)
    after = os.fstat(handle)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        return unreadable(found, "it changed while it was read; run the assessment again")
    return FileFacts(found.path, sha256, facts)


def _facts_in_time(blob: FileBlob) -> tuple[Fact, ...]:
    try:
        with _clock(SECONDS):
            return scan_blob(blob)
    except _OutOfTime:
        reason = f"parsing took more than {SECONDS} s of processor time"
        return (ScanProblem(at=Location(blob.path), scanner="all", reason=reason),)


@contextmanager
def _clock(seconds: float) -> Iterator[None]:
    """Raise `_OutOfTime` in this thread after `seconds` of processor time (main thread only).

    Code written in C may never return to where an exception can be raised. Then the system ends the
    process after three times as long; those who call this do so in a process that may die.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _OutOfTime

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again, should a destructor swallow the first
    signal.setitimer(signal.ITIMER_PROF, _LAST * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def unreadable(found: Found, reason: str) -> FileFacts:
    """The one thing known of a file that could not be read: why."""
    return FileFacts(
        found.path, "", (ScanProblem(at=Location(found.shown), scanner="reader", reason=reason),)
    )
