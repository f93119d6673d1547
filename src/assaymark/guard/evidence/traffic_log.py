"""A log of what was said, for `assaymark guard replay`: off unless somebody asks for it, and apart from the
ledger. One JSON object a line, in a file that only its owner may read.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

import msgspec

from assaymark.errors import UsageError
from assaymark.guard.core.ports import Context, Recorder
from assaymark.guard.event import Decision, Segment

__all__ = ["Several", "TrafficLog"]

_MOST_BYTES = 1_073_741_824


class TrafficLog:
    """Appends each judged message with its text. A line is whole or, after a crash, the last one.

    Args:
        path: the file; what is in it already stays.
        most_bytes: size at which it refuses to go on; text of people is not kept without end.

    Raises:
        UsageError: the file cannot be opened, or others may read it.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._path, self._most_bytes = path, most_bytes
        self._lock = threading.Lock()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise UsageError(
                f"The traffic log {path} cannot be opened: {error.strerror}.", "Name another file."
            ) from error
        self._file: IO[bytes] = os.fdopen(handle, "ab", buffering=0)
        about = os.fstat(handle)
        self._size = about.st_size
        if about.st_mode & 0o077:
            self._file.close()
            raise UsageError(
                f"Others may read the traffic log {path}.", f"It holds what people write: chmod 600 '{path}'."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def record(self, decision: Decision, segments: Sequence[Segment], context: Context) -> None:
        """Append one line.

        Raises:
            OSError: it cannot be written, or the file has reached its limit.
        """
        line = _line(decision, segments, context)
        with self._lock:
            if self._size + len(line) > self._most_bytes:
                raise OSError(f"the traffic log {self._path} has reached {self._most_bytes:,} bytes")
            written = self._file.write(line)
            if written != len(line):
                self._file.truncate(self._size)
                raise OSError(f"the traffic log {self._path} could not be written whole")
            self._size += len(line)

    def close(self) -> int:
        """Close the file; nothing waits, so nothing is lost."""
        self._file.close()
        return 0


class Several:
    """One recorder made of several. Called by one thread, which tries a decision again until it is kept."""

    def __init__(self, *recorders: Recorder) -> None:
        self._recorders = recorders
        self._kept: tuple[str, int] = ("", 0)
        """Id of the decision at hand, and how many recorders have it: none gets it twice."""

    @property
    def healthy(self) -> bool:
        """Whether each of them can write, as far as it knows."""
        return all(bool(getattr(recorder, "healthy", True)) for recorder in self._recorders)

    def record(self, decision: Decision, segments: Sequence[Segment], context: Context) -> None:
        """Hand the decision to each.

        Raises:
            OSError: one of them cannot write.
        """
        if self._kept[0] != decision.id:
            self._kept = (decision.id, 0)
        for n in range(self._kept[1], len(self._recorders)):
            self._recorders[n].record(decision, segments, context)
            self._kept = (decision.id, n + 1)


def _line(decision: Decision, segments: Sequence[Segment], context: Context) -> bytes:
    value = {
        "v": 1,
        "exchange": context.request,
        "phase": decision.phase,
        "wanted": decision.wanted,
        "decision": decision.id,
        "protocol": context.protocol,
        "model": context.model,
        "tenant": context.tenant,
        "key": context.key,
        "segments": [msgspec.to_builtins(segment) for segment in segments],
    }
    # ASCII with escapes: a lone surrogate is written as it came.
    return json.dumps(value).encode() + b"\n"
