"""A file's bytes as parsers see them: by range, bounded, wherever they lie."""

from typing import Protocol

__all__ = ["Blob", "BytesBlob"]


class Blob(Protocol):
    """Random read access to one file of the tree."""

    @property
    def path(self) -> str:
        """POSIX path relative to the assessed root."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the whole content; computed when first asked for."""

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`; -1 means to the end, never more than the caller's bound."""


class BytesBlob:
    """A `Blob` in memory."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._data = data

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._data)

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256."""
        import hashlib

        return hashlib.sha256(self._data).hexdigest()

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`."""
        return self._data[offset:] if length < 0 else self._data[offset : offset + length]
