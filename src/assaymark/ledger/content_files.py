"""The files of kept content: written whole, read with a bound, overwritten before they are removed."""

import os
import secrets
import stat
from pathlib import Path

from assaymark.errors import AssaymarkError

__all__ = [
    "ContentGone",
    "DamagedContent",
    "check_folder",
    "damaged",
    "names_in",
    "overwrite_and_remove",
    "read_file",
    "sync",
    "write_new",
]

_OVERWRITTEN = 65_536
"""Bytes overwritten at most; a key's file has less than a hundred."""


class ContentGone(AssaymarkError):
    """Content that was erased, or never lay here."""


class DamagedContent(AssaymarkError):
    """Content that is not what was kept; a signature's worth of doubt, hence the exit code."""

    exit_code = 14


def names_in(folder: Path) -> list[str]:
    """Names of the files there, sorted; none if there is no such folder."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []


def read_file(path: Path, limit: int) -> bytes:
    """The file's bytes.

    Raises:
        ContentGone: there is none.
        DamagedContent: it is too long, no plain file, or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            plain = stat.S_ISREG(os.fstat(handle).st_mode)
            data = file.read(limit + 1) if plain else b""
    except FileNotFoundError as error:
        raise ContentGone(
            "That content is not here: it was erased, or kept on another machine.",
            "`assaymark log show` lists erasures.",
        ) from error
    except OSError as error:
        raise damaged(path, error.strerror or str(error)) from error
    if len(data) > limit:
        raise damaged(path, "it is too long")
    return data


def write_new(path: Path, data: bytes) -> None:
    """Write the file whole or not at all, onto the disk; what is half written is found when it is erased."""
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync(path.parent)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def overwrite_and_remove(path: Path) -> None:
    """Random bytes over the file, onto the disk, then no file."""
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = min(os.fstat(handle).st_size, _OVERWRITTEN)
        os.pwrite(handle, secrets.token_bytes(size), 0)
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a link or that others may open."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid not in (os.geteuid(), 0) or about.st_mode & 0o077:
        raise AssaymarkError(
            f"The folder of kept content {folder} is open to others, or is a link.",
            f"If it is yours, run: chmod 700 '{folder}'",
        )


def sync(folder: Path) -> None:
    """Bring what was made, renamed or removed in `folder` onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damaged(path: Path, reason: str) -> DamagedContent:
    """The error for a file that is not what was kept."""
    return DamagedContent(
        f"The kept content {path} cannot be read: {reason}.", "Restore it and the machine's key from a copy."
    )
