"""A file is written whole or not at all: beside its place, flushed to disk, then renamed."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assaymark.errors import AssaymarkError

__all__ = ["write_atomically", "written_whole"]


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write `data` to `path`, whole or not at all.

    Args:
        path: where; its folder is made if it is not there.
        data: the content.
        mode: permissions; None keeps those of the file that is replaced, or takes what the umask leaves.

    Raises:
        AssaymarkError: the folder cannot be written or the disk is full; `path` is as it was.
    """
    with written_whole(path, mode) as file:
        file.write(data)


@contextlib.contextmanager
def written_whole(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file that is renamed to `path` once it is complete and on disk; if the block raises, it is removed.

    Until then it lies beside `path` as ``.NAME.….part``, which is all that a killed process leaves.

    Raises:
        AssaymarkError: the folder cannot be written or the disk is full; `path` is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path) if mode is None else mode)
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()


def _mode(path: Path) -> int:
    """That of the file which is replaced, else what the umask leaves: documents are the owner's to share."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o644 & ~mask


def _failed(path: Path, error: OSError) -> AssaymarkError:
    return AssaymarkError(
        f"Could not write {path}: {error.strerror or error}.",
        "Nothing was changed there. Free some space or name another place, then run it again.",
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
