"""One file → its digest and facts: opened once, read by range, bounded in time."""

from pathlib import Path

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import Fact, ScanProblem
from assaymark.scan.registry import scan_blob
from assaymark.source.file import ChangedError, FileBlob, OutOfTime, clock, open_blob
from assaymark.source.walk import Found

__all__ = ["FileFacts", "read_file", "unreadable"]

SECONDS = 20
"""Processor time after which the parsers of one file are stopped."""


class FileFacts(Struct, frozen=True):
    """What one file gave."""

    path: str
    """As the operating system names it."""
    sha256: str
    """Empty if it could not be read."""
    facts: tuple[Fact, ...]


def read_file(root: Path, found: Found) -> FileFacts:
    """Digest and facts of one file; whatever goes wrong is a `ScanProblem`, never an exception."""
    try:
        with open_blob(root / found.path, found.shown) as blob:
            got = FileFacts(found.path, blob.sha256, _facts_in_time(blob))
    except ChangedError as error:
        return unreadable(found, str(error))
    except OSError as error:
        return unreadable(found, f"it cannot be read ({error.strerror})")
    return got


def _facts_in_time(blob: FileBlob) -> tuple[Fact, ...]:
    try:
        with clock(SECONDS):
            return scan_blob(blob)
    except OutOfTime:
        reason = f"parsing took more than {SECONDS} s of processor time"
        return (ScanProblem(at=Location(blob.path), scanner="all", reason=reason),)


def unreadable(found: Found, reason: str) -> FileFacts:
    """The one thing known of a file that could not be read: why."""
    return FileFacts(
        found.path, "", (ScanProblem(at=Location(found.shown), scanner="reader", reason=reason),)
    )
