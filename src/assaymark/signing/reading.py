"""Read one regular file's bytes into a hasher: never a link, a pipe or a device, never a moving target."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from msgspec import Struct

from assaymark.signing.algorithms import Hasher, new_hasher

__all__ = ["CannotRead", "Stamp", "digest_file", "digest_open", "open_regular"]

_CHUNK = 1 << 20


class CannotRead(Exception):
    """A file that cannot be hashed; the message completes the sentence "NAME …"."""


class Stamp(Struct, frozen=True, order=True):
    """What tells that a file is still the same, short of reading it."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    """Unlike the time of change of the content, no program can set this one."""

    @classmethod
    def of(cls, info: os.stat_result) -> Self:
        """The stamp of a file whose status is `info`."""
        return cls(info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def open_regular(path: Path | str, stamp: Stamp | None = None) -> int:
    """A descriptor of the regular file at `path`; no link is followed at its end, no pipe waited for.

    Args:
        path: where the file is.
        stamp: what was seen there before.

    Raises:
        CannotRead: it is something else, or no longer what `stamp` says.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise CannotRead(f"cannot be opened: {_why(error)}") from error
    info = os.fstat(handle)
    fault = "" if stat.S_ISREG(info.st_mode) else "is no regular file"
    if not fault and stamp is not None and Stamp.of(info) != stamp:
        fault = "changed while it was looked at"
    if fault:
        os.close(handle)
        raise CannotRead(fault)
    return handle


def digest_open(
    handle: int, hasher: Hasher, start: int, end: int, told: Callable[[int], object] | None = None
) -> None:
    """Feed the bytes from `start` up to `end` of an open file to `hasher`.

    Args:
        handle: the open file; its position is neither used nor moved.
        hasher: takes the bytes.
        start: first byte.
        end: where to stop.
        told: called with the count of bytes each time some were read.

    Raises:
        CannotRead: the file ends before `end`, or an error occurs.
    """
    view = memoryview(bytearray(max(1, min(_CHUNK, end - start))))
    while start < end:
        try:
            count = os.preadv(handle, [view[: end - start]], start)
        except OSError as error:
            raise CannotRead(f"cannot be read: {_why(error)}") from error
        if not count:
            raise CannotRead("changed while it was read: it got shorter")
        hasher.update(view[:count])
        start += count
        if told is not None:
            told(count)


def digest_file(
    path: Path | str,
    algorithm: str,
    *,
    stamp: Stamp | None = None,
    start: int = 0,
    end: int | None = None,
    told: Callable[[int], object] | None = None,
) -> str:
    """Digest, hexadecimal, of a regular file or of the part from `start` up to `end`.

    Raises:
        CannotRead: it is no regular file, cannot be read, or changes meanwhile.
    """
    hasher = new_hasher(algorithm)
    handle = open_regular(path, stamp)
    try:
        before = os.fstat(handle)
        whole = end is None
        stop = before.st_size if end is None else end
        _ahead(handle, start, stop - start)
        digest_open(handle, hasher, start, stop, told)
        if whole and os.preadv(handle, [bytearray(1)], stop):
            raise CannotRead("changed while it was read: it grew")
        if Stamp.of(os.fstat(handle)) != Stamp.of(before):
            raise CannotRead("changed while it was read")
    finally:
        os.close(handle)
    return hasher.hexdigest()


def _ahead(handle: int, start: int, length: int) -> None:
    """Ask the system to read ahead; it may decline."""
    with suppress(OSError, AttributeError):
        os.posix_fadvise(handle, start, length, os.POSIX_FADV_SEQUENTIAL)


def _why(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
