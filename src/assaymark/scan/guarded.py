"""A guard for loading: the file is verified and scanned before it is handed on, and cannot change after."""

import hashlib
import io
import os
import stat
from pathlib import Path
from typing import IO

from assaymark.errors import AssaymarkError, UsageError
from assaymark.inspection import Hole, HoleKind, Inspection, Verdict
from assaymark.scan.blob import Blob, BytesBlob
from assaymark.scan.inspect import inspect_blob
from assaymark.source.file import FileBlob

__all__ = ["RefusedError", "open_checked"]

_BLOCK = 1 << 20


class RefusedError(AssaymarkError):
    """The file is not handed on; `inspection` says what was found in it."""

    exit_code = 13

    def __init__(self, message: str, advice: str, inspection: Inspection | None = None) -> None:
        super().__init__(message, advice)
        self.inspection = inspection


def open_checked(
    path: str | os.PathLike[str],
    *,
    sha256: str = "",
    allow_unknown: bool = False,
    sealed: bool = True,
) -> IO[bytes]:
    """Open a model file for a loader, if its digest is the expected one and loading it is known to be safe.

    Args:
        path: a regular file; a link is followed once, to what it leads to now.
        sha256: the expected digest, 64 hexadecimal digits; empty means that none is compared.
        allow_unknown: hand on a file whose loading calls names that are on no list.
        sealed: read the file into memory first, so that whoever can write to it cannot change what was
            checked. False saves the memory, for files that only you can write to.

    Returns:
        A file open for reading at its beginning.

    Raises:
        RefusedError: it is dangerous, not fully covered, unknown, or has another digest.
        UsageError: `sha256` is no digest, or there is no such regular file.
    """
    wanted = sha256.strip().lower().removeprefix("sha256:")
    if wanted and (len(wanted) != 64 or set(wanted) - set("0123456789abcdef")):
        raise UsageError(f"{sha256[:80]!r} is no SHA-256 digest.", "Give 64 hexadecimal digits.")
    file = _open(Path(path))
    try:
        return _checked(file, Path(path).name, wanted, allow_unknown, sealed)
    except BaseException:
        file.close()
        raise


def _open(path: Path) -> IO[bytes]:
    try:
        handle = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}.", "Name a model file.") from error
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise UsageError(f"{path} is not a regular file.", "Name a model file.")
    return file


def _checked(file: IO[bytes], name: str, wanted: str, allow_unknown: bool, sealed: bool) -> IO[bytes]:
    before = os.fstat(file.fileno())
    blob: Blob
    if sealed:
        content = file.read()
        file.close()
        file, blob = io.BytesIO(content), BytesBlob(name, content)
    else:
        blob = FileBlob(file.fileno(), name, before.st_size)
    if wanted and _digest(file) != wanted:
        raise RefusedError(f"{name} does not have the expected digest.", "Fetch it again from its source.")
    _judge(inspect_blob(blob) or _unknown(name, blob.size), name, allow_unknown)
    if not sealed and _stamp(os.fstat(file.fileno())) != _stamp(before):
        raise RefusedError(f"{name} changed while it was checked.", "Leave it alone and try again.")
    return file


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _stamp(about: os.stat_result) -> tuple[int, int]:
    return about.st_size, about.st_mtime_ns


def _unknown(name: str, size: int) -> Inspection:
    hole = Hole(kind=HoleKind.UNSUPPORTED, reason="its content is in no format that is known here", size=size)
    return Inspection(path=name, header=None, size=size, holes=(hole,))


def _judge(found: Inspection, name: str, allow_unknown: bool) -> None:
    verdict = found.verdict
    if verdict is Verdict.CLEAN or (allow_unknown and verdict is Verdict.UNKNOWN):
        return
    reason = found.holes[0].reason if verdict is Verdict.INCONCLUSIVE else found.hazards[0].message
    raise RefusedError(
        f"{name} is {verdict.value}: {reason}",
        "See `assaymark scan` for all of it. Load it only where you would run its author's program.",
        found,
    )
