"""Finding out what lies at a ledger's path, and opening it; failures of the disk as errors with advice."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from assaymark.errors import AssaymarkError
from assaymark.ledger.folder import Folder
from assaymark.ledger.reading import WAL, Log
from assaymark.ledger.storage import Files, Memory, Storage
from assaymark.ledger.tiles import CHECKPOINT

__all__ = ["Place", "advised", "cannot", "opened", "opened_files"]

TILES, INDEX = "ASSAYMARK_LEDGER_TILES", "ASSAYMARK_LEDGER_INDEX"

_BEFORE = "what was recorded before is intact"
_MOVE = "Move it away and a new one will be started."
_ADVICE = {
    errno.ENOSPC: f"Free some space and run it again; {_BEFORE}.",
    errno.EDQUOT: f"Free some space and run it again; {_BEFORE}.",
    errno.EFBIG: f"Allow larger files and run it again; {_BEFORE}.",
    errno.EIO: f"Check the disk; {_BEFORE}.",
    errno.EACCES: "Make the folder writable, or set ASSAYMARK_STATE_DIR.",
    errno.EPERM: "Make the folder writable, or set ASSAYMARK_STATE_DIR.",
    errno.EROFS: "Make the folder writable, or set ASSAYMARK_STATE_DIR.",
    errno.ETIMEDOUT: "Another process has held it for a minute; wait for that one, or end it.",
    errno.EMLINK: _MOVE,
}
_LINKS = (errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENOTDIR)


class Place:
    """An open place of a ledger, and where its index goes."""

    def __init__(self, path: Path | None, files: Files, storage: Storage, *, index: Path | None) -> None:
        self.path = path
        self.log = Log(files, storage)
        self.index = index
        """The index's file; None keeps it in memory."""
        self.index_url = os.environ.get(INDEX, "") if path else ""
        self.closed = False

    def close(self) -> None:
        """Let go of all files; a second time does nothing."""
        self.closed = True
        self.log.files.close()
        if isinstance(self.log.storage, Folder):
            self.log.storage.close()


def opened(path: Path | None, *, writable: bool) -> Place:
    """The ledger at `path`; a folder is made if it is missing and `writable`.

    Raises:
        AssaymarkError: there is none, or something else.
    """
    if path is None:
        memory = Memory()
        return Place(None, memory, memory, index=None)
    with advised(path):
        kind = _kind(path)
        from assaymark.ledger import convert  # SQLite is needed for ledgers of version 1 alone

        if kind == stat.S_IFREG or convert.interrupted(path):
            if not writable:
                memory = convert.in_memory(path if kind else convert.kept_as(path))
                return Place(path, memory, memory, index=None)
            convert.convert(path)
            kind = stat.S_IFDIR
        if not kind and not writable:
            raise cannot(path, "there is none", "Run `assaymark assess` first; it starts one.")
        if kind not in (0, stat.S_IFDIR):
            raise cannot(path, "it is no plain file or folder", _MOVE)
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.mkdir(exist_ok=True)
        return _folder(path, writable=writable)


@contextlib.contextmanager
def opened_files(path: Path) -> Iterator[tuple[Files, Storage] | Path]:
    """The files of the ledger at `path`, for reading; the path of the file for one of version 1.

    Raises:
        AssaymarkError: there is none, or something else.
    """
    from assaymark.ledger import convert

    kind = _kind(path)
    if kind == stat.S_IFREG or convert.interrupted(path):
        yield path if kind else convert.kept_as(path)
        return
    place = opened(path, writable=False)
    try:
        yield place.log.files, place.log.storage
    finally:
        place.close()


def _folder(path: Path, *, writable: bool) -> Place:
    files = Folder(path)
    try:
        place = Place(path, files, _storage(path, files), index=path / "index.db")
        if not place.log.exists():
            _refuse_other(path, files, writable=writable)
    except BaseException:
        files.close()
        raise
    return place


def _storage(path: Path, files: Folder) -> Storage:
    """Where the tiles are: in the folder, or where the environment says. Never where a ledger says."""
    url = os.environ.get(TILES, "")
    if not url:
        return files
    if files.stamp(CHECKPOINT):
        raise cannot(
            path,
            "its tiles lie in it, and ASSAYMARK_LEDGER_TILES names another place",
            "Unset that, or move `checkpoint` and `tile` there first.",
        )
    from assaymark.ledger.remote_tiles import storage_at

    return storage_at(url)


def _refuse_other(path: Path, files: Folder, *, writable: bool) -> None:
    if any(name != f".{WAL}.new" for name in files.names("")):
        raise cannot(path, "it is not an Assaymark ledger", "Name another folder, or move this one away.")
    if not writable:
        raise cannot(path, "it is empty", "Run `assaymark assess` first; it fills one.")


def _kind(path: Path) -> int:
    """Type of what lies there, itself and not what it points to; 0 if nothing does."""
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0


@contextlib.contextmanager
def advised(path: Path | None) -> Iterator[None]:
    """Every failure of the disk leaves as an `AssaymarkError` with advice."""
    try:
        yield
    except OSError as error:
        problem = (
            "something in it is no plain file" if error.errno in _LINKS else error.strerror or str(error)
        )
        advice = _ADVICE.get(error.errno or 0, _MOVE if error.errno in _LINKS else "")
        raise cannot(path, problem, advice or "Name a place that can be written.") from error


def cannot(path: Path | None, problem: str, advice: str) -> AssaymarkError:
    """The error for a ledger that cannot be used."""
    return AssaymarkError(f"The ledger {path or 'in memory'} cannot be used: {problem}.", advice)
