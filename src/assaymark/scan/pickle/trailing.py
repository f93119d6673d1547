"""What follows a pickle: another one at once, after padding, or somewhere in data that is none."""

import re

from assaymark.inspection import Hazard, Hole, HoleKind, Level
from assaymark.scan.blob import Blob
from assaymark.scan.pickle.machine import Ended, Machine
from assaymark.scan.pickle.names import danger_named, safe_named
from assaymark.scan.pickle.stream import Stream
from assaymark.scan.pickle.values import Computed, Imported, Made, Persistent, Value

__all__ = ["Probe", "next_pickle"]

SEARCHED = 256 << 20
"""Bytes after a pickle that are searched for another one."""
CANDIDATES = 2_000
"""Places that are tried."""
_WINDOW = 1 << 20
_STARTS = re.compile(
    rb"\x80[\x02-\x05](?=[\x95\]})(\x8c\x8dXUTcCKMJNG\x8a\x88\x89BVSIFLP\x8e\x8f])"
    rb"|[ci](?=[A-Za-z_][\w.]{0,63}\n[A-Za-z_][\w.]{0,63}\n)"
)


class Probe:
    """An observer that only counts, for a look at whether bytes are a pickle at all."""

    def __init__(self) -> None:
        self.imports = 0
        self.known = 0
        """Imports of names that are on one of our lists."""
        self.calls = 0

    def imported(self, found: Imported) -> None:
        """Count it, if it is a name that Python could import."""
        if all(part.isidentifier() for part in found.full.split(".")):
            self.imports += 1
            self.known += safe_named(found.full) is not None
            self.known += danger_named(found.module, found.name) is not None

    def called(self, made: Made) -> Value:
        """Count it, if it is a name that was imported."""
        self.calls += isinstance(made.function, Imported) and self.imports > 0
        return made

    def built(self, target: Value, state: Value, offset: int) -> None:
        """Nothing."""

    def mutated(self, target: Value, items: list[Value], how: str, offset: int) -> None:
        """Nothing."""

    def persistent(self, found: Persistent) -> None:
        """Nothing."""

    def extension(self, code: int, offset: int) -> Value:
        """Something unknown."""
        return Computed("an extension code", offset)


def _tried(blob: Blob, offset: int) -> tuple[Ended, Machine, Probe]:
    probe = Probe()
    machine = Machine(Stream(blob, offset), probe)
    machine.limit = 100_000
    machine.memo.later = True  # it may use the memo of the one before
    return machine.run(), machine, probe


def _is_pickle(blob: Blob, offset: int) -> bool:
    """Whether a pickle begins there: it stops, or imports something before it breaks."""
    ended, machine, probe = _tried(blob, offset)
    return (
        probe.calls > 0
        or probe.known > 0
        or ended.how == "bound"
        or (ended.how == "stop" and machine.steps > 0)
    )


def next_pickle(blob: Blob, offset: int, *, plain: bool) -> tuple[int, Hole | Hazard | None]:
    """Where the next pickle begins, or the end of the blob; and what is to be said of what lies between.

    Args:
        blob: the file.
        offset: where the one before ended.
        plain: whether it ended with STOP, so that another may follow at once.
    """
    if plain and _is_pickle(blob, offset):
        return offset, None
    at, tried = offset, 0
    searched_to = min(blob.size, offset + SEARCHED)
    while at < searched_to:
        window = blob.read(at, _WINDOW + 140)
        if not window.strip(b"\0"):
            at += _WINDOW
            continue
        for found in _STARTS.finditer(window, 0, min(len(window), _WINDOW + 70)):
            place = at + found.start()
            if place == offset and not plain:
                continue
            tried += 1
            if tried > CANDIDATES:
                reason = f"more than {CANDIDATES:,} places after it may be pickles; the rest was not tried"
                return blob.size, Hole(
                    kind=HoleKind.BOUND, reason=reason, offset=place, size=blob.size - place
                )
            if _is_pickle(blob, place):
                return place, _between(blob, offset, place, plain)
        at += _WINDOW
    if searched_to < blob.size:
        reason = f"more than {SEARCHED >> 20} MiB after the last pickle; the rest was not searched"
        return blob.size, Hole(kind=HoleKind.BOUND, reason=reason, offset=at, size=blob.size - searched_to)
    return blob.size, _between(blob, offset, blob.size, plain)


def _between(blob: Blob, start: int, end: int, plain: bool) -> Hazard | None:
    if not plain or end == start or not blob.read(start, min(end - start, 4096)).strip(b"\0 \r\n\t"):
        return None
    what = "another pickle" if end < blob.size else "the end of the file"
    return Hazard(
        rule="pickle-trailing-data", level=Level.NOTE, offset=start,
        message=f"{end - start:,} bytes that are no pickle lie between a pickle and {what}.",
    )  # fmt: skip
