r"""The side file of a manifest: a digest for each record, in order, and the Merkle tree over them.

::

    assaymark rows 1\n     17 bytes
    width                  1 byte: 16 or 32
    zeros                  6 bytes
    count                  8 bytes, big-endian
    digests                count × width bytes

The entries of the tree (RFC 6962, 2.1) are the digests, so that the file itself can be held against the root
that was signed, without the data.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.provenance.canonical import WIDTH, digest
from assaymark.errors import AssaymarkError
from assaymark.ledger.merkle import Frontier, leaf_hash
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.reading import CannotRead, open_regular

__all__ = ["HEADER", "MAGIC", "RowsFile", "RowsWriter", "digests_root", "read_rows"]

HEADER = 32
MAGIC = b"assaymark rows 1\n"
_WIDTHS = (16, 32)
_BLOCK = 1 << 16


class RowsWriter:
    """Writes digests to a file that is put into place only when all went well; builds the tree."""

    def __init__(self, path: Path, width: int = WIDTH) -> None:
        """Begin; `path` is left as it is until `finish`."""
        if width not in _WIDTHS:
            raise ValueError(f"a digest of {width} bytes is not known")
        self.path, self.width, self.count = path, width, 0
        self.tree = Frontier()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, self._temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            raise _unwritten(path, error) from error
        self._file = os.fdopen(handle, "w+b")
        self._file.write(bytes(HEADER))

    def add(self, records: Iterable[bytes], tree: Frontier | None = None) -> int:
        """Digest some records in canonical form; `tree`, if given, grows as well. Returns how many."""
        digests = [digest(record, self.width) for record in records]
        leaves = [leaf_hash(entry) for entry in digests]
        self.tree.extend(leaves)
        if tree is not None:
            tree.extend(leaves)
        try:
            self._file.write(b"".join(digests))
        except OSError as error:
            raise _unwritten(self.path, error) from error
        self.count += len(digests)
        return len(digests)

    def finish(self) -> None:
        """Complete the file and put it into place."""
        try:
            self._file.seek(0)
            self._file.write(MAGIC + bytes([self.width]) + bytes(6) + self.count.to_bytes(8, "big"))
            self._file.flush()
            os.fsync(self._file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            Path(self._temporary).chmod(0o644 & ~umask)
            Path(self._temporary).replace(self.path)
        except OSError as error:
            raise _unwritten(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            Path(self._temporary).unlink()


class RowsFile:
    """A side file that was read: its digests stay on disk until they are looked at."""

    def __init__(self, path: Path, width: int, count: int) -> None:
        """Map the file at `path`."""
        self.width, self.count = width, count
        self.digests = _mapped(path, width, count)


def read_rows(path: Path) -> RowsFile:
    """The side file at `path`.

    Raises:
        DoesNotVerify: it is not there, no side file, or not as long as it says.
    """
    try:
        handle = open_regular(path)
    except CannotRead as error:
        raise DoesNotVerify(
            f"The digests of the records, {path}, {error}.", "Put the file beside its manifest."
        ) from error
    try:
        head, size = os.pread(handle, HEADER, 0), os.fstat(handle).st_size
    finally:
        os.close(handle)
    width, count = (head[17], int.from_bytes(head[24:], "big")) if len(head) == HEADER else (0, 0)
    if not head.startswith(MAGIC) or width not in _WIDTHS or any(head[18:24]):
        raise DoesNotVerify(f"{path} is no file of digests of records.")
    if size != HEADER + width * count:
        raise DoesNotVerify(f"{path} is not as long as it says: it was cut off or added to.")
    return RowsFile(path, width, count)


def digests_root(digests: NDArray[np.uint8]) -> bytes:
    """The root of the tree (RFC 6962, 2.1) whose entries are `digests`."""
    tree = Frontier()
    for start in range(0, len(digests), _BLOCK):
        width = digests.shape[1]
        block = digests[start : start + _BLOCK].tobytes()
        tree.extend(leaf_hash(block[i : i + width]) for i in range(0, len(block), width))
    return tree.root()


def _mapped(path: Path, width: int, count: int) -> NDArray[np.uint8]:
    if not count:
        return np.zeros((0, width), np.uint8)
    return np.memmap(path, np.uint8, "r", HEADER, (count, width))


def _unwritten(path: Path, error: OSError) -> AssaymarkError:
    return AssaymarkError(f"Could not write {path}: {error.strerror}.", "Name another place with --output.")
