"""A file's bytes as parsers see them: by range, bounded, wherever they lie."""

from assaymark.source.blob import Blob

__all__ = ["Blob", "BytesBlob"]


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
