"""A file's bytes by range, wherever they lie."""

from typing import Protocol

__all__ = ["Blob"]


class Blob(Protocol):
    """Random read access to one file."""

    @property
    def path(self) -> str:
        """POSIX path relative to what is read, as shown to people."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the whole content; computed when first asked for."""

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """At most `length` bytes from `offset`; -1 means to the end, never more than the caller's bound."""
