"""Where the files of a log lie: what a place must be able to do, and a place in memory."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["Files", "Memory", "Storage"]


class Storage(Protocol):
    """Whole files by name, such as ``tile/0/000``; failures are `OSError`."""

    def read(self, name: str, limit: int) -> bytes | None:
        """The file, of which no more than `limit` + 1 bytes are read; None if there is none."""

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Put `data` there as a whole; a reader sees the old file or the new one."""

    def names(self, folder: str) -> list[str]:
        """The names within a folder; none if there is no such folder."""

    def drop(self, name: str) -> None:
        """Remove a file, if it is there."""

    def sync(self) -> None:
        """Return when all that was written survives a power cut."""


class Files(Storage, Protocol):
    """What the log keeps beside its tiles: files that grow, and the right to write."""

    def part(self, name: str, offset: int, length: int) -> bytes:
        """Some bytes of a file; fewer if it ends there, none if it is missing."""

    def patch(self, name: str, offset: int, data: bytes, *, durable: bool = False) -> None:
        """Write within or at the end of a file, made if it is missing."""

    def cut(self, name: str, size: int) -> None:
        """Shorten a file."""

    def stamp(self, name: str) -> tuple[int, int] | None:
        """Something that changes when the file is replaced, and its size; None if it is missing."""

    def lock(self) -> AbstractContextManager[None]:
        """The right to write, which one process at a time has."""

    def close(self) -> None:
        """Let go of everything."""


class Memory:
    """Files that are gone when the process ends."""

    def __init__(self) -> None:
        self._files: dict[str, bytearray] = {}
        self._replaced: dict[str, int] = {}

    def read(self, name: str, limit: int) -> bytes | None:
        """The file's bytes."""
        found = self._files.get(name)
        return None if found is None else bytes(found[: limit + 1])

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Replace the file."""
        self._files[name] = bytearray(data)
        self._replaced[name] = self._replaced.get(name, 0) + 1

    def names(self, folder: str) -> list[str]:
        """Names directly within `folder`."""
        inside = (n[len(folder) + 1 :] for n in self._files if not folder or n.startswith(f"{folder}/"))
        return sorted({n.partition("/")[0] for n in inside})

    def drop(self, name: str) -> None:
        """Forget the file."""
        self._files.pop(name, None)

    def sync(self) -> None:
        """Nothing here outlives the process."""

    def part(self, name: str, offset: int, length: int) -> bytes:
        """Some of its bytes."""
        return bytes(self._files.get(name, b"")[offset : offset + length])

    def patch(self, name: str, offset: int, data: bytes, *, durable: bool = False) -> None:
        """Write into it."""
        file = self._files.setdefault(name, bytearray())
        file.extend(bytes(max(0, offset - len(file))))
        file[offset : offset + len(data)] = data

    def cut(self, name: str, size: int) -> None:
        """Shorten it."""
        del self._files[name][size:]

    def stamp(self, name: str) -> tuple[int, int] | None:
        """How often it was replaced, and its size."""
        return (self._replaced.get(name, 0), len(self._files[name])) if name in self._files else None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else can write here."""
        yield

    def close(self) -> None:
        """Forget everything."""
        self._files.clear()
