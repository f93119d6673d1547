"""A file from a stranger → an open pack whose members can be read, each within its bounds."""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from assaymark.errors import UsageError
from assaymark.pack.format import STATEMENT
from assaymark.pack.layout import Member, layout
from assaymark.pack.refused import CONTAINER, NotAPack, Refused

__all__ = ["OpenPack", "open_pack"]

_CHUNK = 1 << 18
_LONGEST_LINE = 1 << 17
"""Twice the longest ledger entry."""


class OpenPack:
    """A pack of which the layout holds; its contents are still a stranger's."""

    def __init__(self, file: BinaryIO, members: tuple[Member, ...]) -> None:
        self._file = file
        self._state = _state(file)
        self._members = {member.name: member for member in members}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def fileno(self) -> int:
        """The open file's number, to lock it by."""
        return self._file.fileno()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members, in order."""
        return tuple(self._members)

    def under(self, folder: str) -> tuple[str, ...]:
        """Names of the members in `folder`."""
        return tuple(name for name in self._members if name.startswith(folder))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member, piece by piece.

        Raises:
            Refused: there is no such member, or the file changed under us.
        """
        member = self._members.get(name)
        if member is None:
            raise Refused(name, "is missing from the pack.")
        for at in range(member.start, member.start + member.size, _CHUNK):
            self._file.seek(at)
            length = min(_CHUNK, member.start + member.size - at)
            data = self._file.read(length)
            if len(data) != length:
                raise Refused(name, "was cut off while it was read.")
            yield data

    def read(self, name: str) -> bytes:
        """The whole content of a member; its size was bounded when the pack was opened."""
        return b"".join(self.chunks(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, without their line feeds; the last one has to end with one, too.

        Raises:
            Refused: a line is longer than any honest one, or the last one does not end.
        """
        rest, number = b"", 1
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if len(line) > _LONGEST_LINE:
                    raise Refused(f"{name}:{number}", "is longer than any honest line.")
                yield line
                number += 1
            if len(rest) > _LONGEST_LINE:
                raise Refused(f"{name}:{number}", "is longer than any honest line.")
        if rest:
            raise Refused(f"{name}:{number}", "does not end with a line feed.")

    def digests(self) -> dict[str, str]:
        """Member → SHA-256 of its content, hexadecimal.

        Raises:
            Refused: the content of one is not what its checksum says.
        """
        found = {}
        for name, member in self._members.items():
            digest, crc = hashlib.sha256(), 0
            for chunk in self.chunks(name):
                digest.update(chunk)
                crc = zlib.crc32(chunk, crc)
            if crc != member.crc:
                raise Refused(name, "was changed: its content does not match its checksum.")
            found[name] = digest.hexdigest()
        return found

    def unchanged(self) -> None:
        """Make sure that the file is still the one that was opened.

        Raises:
            Refused: somebody wrote to it meanwhile.
        """
        if _state(self._file) != self._state:
            raise Refused(CONTAINER, "it was written to while it was read.")


def open_pack(path: Path) -> OpenPack:
    """Open the file at `path`; reads its directory and headers, no content.

    Raises:
        UsageError: it cannot be read at all.
        NotAPack: it is no plain file or no pack.
        Refused: it is a ZIP file that breaks a pack's rules.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it has no valid name"
        raise UsageError(f"{path} cannot be read: {reason}.", "Name the pack's file.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotAPack(f"{path} is no plain file.", "Name the pack's file.")
    file = os.fdopen(handle, "rb", buffering=0)
    try:
        members = layout(file)
        if all(member.name != STATEMENT for member in members):
            raise NotAPack(
                f"{path} is no pack: it holds no {STATEMENT}.", "Name a file that `assaymark pack` wrote."
            )
    except BaseException:
        file.close()
        raise
    return OpenPack(file, members)


def _state(file: BinaryIO) -> tuple[int, int]:
    now = os.fstat(file.fileno())
    return now.st_size, now.st_mtime_ns
