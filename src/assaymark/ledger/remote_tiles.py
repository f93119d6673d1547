"""Tiles and head of a log in a store that fsspec knows: a bucket, another disk.

The address comes from whoever runs Assaymark, never from a ledger.
"""

from pathlib import Path
from typing import Any

from assaymark.errors import AssaymarkError
from assaymark.ledger.folder import Folder
from assaymark.ledger.storage import Storage
from assaymark.source.address import shown_address, without_credentials
from assaymark.source.remote import asked, filesystem

__all__ = ["RemoteTiles", "storage_at"]


def storage_at(url: str) -> Storage:
    """The place that an fsspec URL names; made if it is a local folder that is missing.

    Raises:
        AssaymarkError: it cannot be used.
    """
    try:
        if url.lower().startswith("file://") or "://" not in url:
            from fsspec.implementations.local import LocalFileSystem

            path = Path(LocalFileSystem._strip_protocol(url))  # a disk of our own: renamed and synced there
            path.mkdir(parents=True, exist_ok=True)
            return Folder(path)
        return RemoteTiles(*filesystem(url))
    except (OSError, ValueError, RuntimeError) as error:
        reason = without_credentials(str(error)) or type(error).__name__
        raise AssaymarkError(
            f"The place for the ledger's tiles, {shown_address(url)}, cannot be used: {reason[:300]}.",
            "Correct ASSAYMARK_LEDGER_TILES, or unset it to keep them in the ledger's folder.",
        ) from error


class RemoteTiles:
    """Files of a store below one place. A store puts a file there as a whole and keeps it once it says so."""

    def __init__(self, store: Any, root: str) -> None:
        self._store = store
        self._root = root.rstrip("/")

    def read(self, name: str, limit: int) -> bytes | None:
        """The file's first bytes; None if there is none."""
        data: bytes | None = asked(self._read, f"{self._root}/{name}", limit + 1)
        return data

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Put the file there."""
        asked(self._write, f"{self._root}/{name}", data)

    def names(self, folder: str) -> list[str]:
        """Names within a folder."""
        names: list[str] = asked(self._names, f"{self._root}/{folder}")
        return names

    def drop(self, name: str) -> None:
        """Remove the file."""
        asked(self._drop, f"{self._root}/{name}")

    def sync(self) -> None:
        """Whatever the store took, it keeps."""

    def _read(self, at: str, limit: int) -> bytes | None:
        try:
            with self._store.open(at, "rb", cache_type="none") as file:
                data: bytes = file.read(limit)
        except FileNotFoundError:
            return None
        return data

    def _write(self, at: str, data: bytes) -> None:
        self._store.makedirs(at.rpartition("/")[0], exist_ok=True)
        self._store.pipe_file(at, data)

    def _names(self, at: str) -> list[str]:
        self._store.invalidate_cache()
        try:
            found = self._store.ls(at, detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)

    def _drop(self, at: str) -> None:
        try:
            self._store.rm_file(at)
        except FileNotFoundError:
            return
