"""A folder of log files on a local disk. No link in it is followed, whatever a stranger has put there.

Each part of a name is opened relative to the folder above it, without following links, and only plain files
are read or written. A file is replaced by writing a new one beside it and renaming.
"""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

__all__ = ["WAIT_SECONDS", "Folder", "locked", "sync_folder"]

WAIT_SECONDS = 60.0
"""How long a writer waits for its turn."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_KEPT = 32
_datasync = getattr(os, "fdatasync", os.fsync)


class Folder:
    """Files below one folder."""

    def __init__(self, path: Path) -> None:
        """Open the folder.

        Raises:
            OSError: there is none, or it is a link or something else.
        """
        self._path = path
        self._root = os.open(path, _FOLDER)
        self._folders: OrderedDict[str, int] = OrderedDict()
        self._open: dict[str, int] = {}
        self._unsynced: set[str] = set()

    def read(self, name: str, limit: int) -> bytes | None:
        """The file's bytes, up to `limit` + 1; None if there is none."""
        try:
            handle = self._opened(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb", buffering=0) as file:
            wanted = min(os.fstat(handle).st_size, limit) + 1
            data = file.read(wanted) or b""
            while len(data) < wanted and (more := file.read(wanted - len(data))):
                data += more
            return data

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Replace the file as a whole."""
        parent, base = self._parent(name, make=True)
        new = f".{base}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new, dir_fd=parent)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o666, dir_fd=parent)
        try:
            _write_all(handle, data, 0)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(new, base, src_dir_fd=parent, dst_dir_fd=parent)
        if name in self._open:
            os.close(self._open.pop(name))
        if durable:
            os.fsync(parent)
        else:
            self._unsynced.add(name)

    def names(self, folder: str) -> list[str]:
        """Names within a folder, sorted."""
        try:
            return _listed(self._folder(folder, make=False))
        except FileNotFoundError:
            return []

    def drop(self, name: str) -> None:
        """Remove the file, and its folder of partial tiles if that is empty now."""
        self._unsynced.discard(name)
        folder = name.rpartition("/")[0]
        with contextlib.suppress(FileNotFoundError):
            parent, base = self._parent(name, make=False)
            os.unlink(base, dir_fd=parent)
            if folder.endswith(".p") and not _listed(parent):
                os.close(self._folders.pop(folder))
                above, last = self._parent(folder, make=False)
                with contextlib.suppress(OSError):
                    os.rmdir(last, dir_fd=above)

    def sync(self) -> None:
        """Bring what was written, and the folders that it lies in, to the disk."""
        for name in sorted(self._unsynced):
            handle = self._opened(name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        above = {name[:n] for name in self._unsynced for n, c in enumerate(name) if c == "/"}
        for folder in sorted(above, reverse=True):
            os.fsync(self._folder(folder, make=False))
        os.fsync(self._root)
        self._unsynced.clear()

    def part(self, name: str, offset: int, length: int) -> bytes:
        """Some bytes of a file."""
        try:
            handle = self._opened(name, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(handle, length, offset)
        finally:
            os.close(handle)

    def patch(self, name: str, offset: int, data: bytes, *, durable: bool = False) -> None:
        """Write at `offset`; the file stays open for the next time."""
        handle = self._growing(name)
        _write_all(handle, data, offset)
        if durable:
            _datasync(handle)
        else:
            self._unsynced.add(name)

    def cut(self, name: str, size: int) -> None:
        """Shorten the file."""
        os.ftruncate(self._growing(name), size)

    def stamp(self, name: str) -> tuple[int, int] | None:
        """Inode and size."""
        try:
            parent, base = self._parent(name, make=False)
            about = os.stat(base, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return about.st_ino, about.st_size

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """The right to write here; waits for it as long as `WAIT_SECONDS`.

        Raises:
            OSError: the folder was moved away: nothing is written into one that nobody will find.
        """
        with locked(self._root):
            if not os.path.samestat(os.fstat(self._root), self._path.stat(follow_symlinks=False)):
                raise OSError(errno.ESTALE, "it was replaced while it was open")
            self._forget_folders()  # one within may have been replaced too
            yield

    def close(self) -> None:
        """Close all handles."""
        self._forget_folders()
        for handle in self._open.values():
            os.close(handle)
        self._open.clear()
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _forget_folders(self) -> None:
        while self._folders:
            os.close(self._folders.popitem()[1])

    def _opened(self, name: str, how: int) -> int:
        parent, base = self._parent(name, make=False)
        return _plain(os.open(base, how | _FILE, dir_fd=parent))

    def _growing(self, name: str) -> int:
        """A handle for writing, if it is still that of the file with that name."""
        held = self._open.get(name)
        parent, base = self._parent(name, make=True)
        if held is not None:
            with contextlib.suppress(FileNotFoundError):
                if os.stat(base, dir_fd=parent, follow_symlinks=False).st_ino == os.fstat(held).st_ino:
                    return held
            os.close(self._open.pop(name))
        handle = _plain(os.open(base, os.O_RDWR | os.O_CREAT | _FILE, 0o666, dir_fd=parent))
        if os.fstat(handle).st_nlink > 1:  # writing to it would write to another file
            os.close(handle)
            raise OSError(errno.EMLINK, "a file in it has a second name elsewhere")
        self._open[name] = handle
        return handle

    def _parent(self, name: str, *, make: bool) -> tuple[int, str]:
        folder, _, base = name.rpartition("/")
        return self._folder(folder, make=make), base

    def _folder(self, name: str, *, make: bool) -> int:
        if not name:
            return self._root
        if name in self._folders:
            self._folders.move_to_end(name)
            return self._folders[name]
        parent, base = self._parent(name, make=make)
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(base, dir_fd=parent)
        handle = os.open(base, _FOLDER, dir_fd=parent)
        self._folders[name] = handle
        if len(self._folders) > _KEPT:
            os.close(self._folders.popitem(last=False)[1])
        return handle


@contextlib.contextmanager
def locked(handle: int) -> Iterator[None]:
    """The lock on an open folder.

    Raises:
        TimeoutError: somebody else has held it for `WAIT_SECONDS`.
    """
    until, pause = time.monotonic() + WAIT_SECONDS, 0.0005
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(errno.ETIMEDOUT, "it is locked") from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def sync_folder(path: Path) -> None:
    """Make what was renamed within a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _listed(handle: int) -> list[str]:
    with os.scandir(handle) as found:  # it lists what was opened, not what has that name by now
        return sorted(entry.name for entry in found)


def _plain(handle: int) -> int:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.ELOOP, "a file in it is no plain file")
    return handle


def _write_all(handle: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(handle, view, offset)
        view, offset = view[done:], offset + done
