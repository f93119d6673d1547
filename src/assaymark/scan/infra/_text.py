"""Bytes → text for every parser here, with the bound that all of them share."""

from assaymark.observation import Location
from assaymark.scan.blob import Blob
from assaymark.scan.facts import ScanProblem

__all__ = ["LIMIT", "base_name", "problem", "read_text", "too_long"]

LIMIT = 2_000_000
"""Bytes of one file that are read."""


def base_name(path: str) -> str:
    """The last component, in lower case."""
    return path.rpartition("/")[2].lower()


def read_text(blob: Blob, limit: int = LIMIT) -> str:
    """The first `limit` bytes as text; what is not UTF-8 is replaced, line ends become newlines."""
    data = blob.read(0, limit)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def problem(blob: Blob, scanner: str, reason: str, *, line: int = 0, partial: bool = False) -> ScanProblem:
    """The parser gave up, and why."""
    return ScanProblem(at=Location(blob.path, line), scanner=scanner, reason=reason, partial=partial)


def too_long(blob: Blob, scanner: str, limit: int = LIMIT) -> tuple[ScanProblem, ...]:
    """A problem if `blob` is longer than what was read of it."""
    if blob.size <= limit:
        return ()
    return (
        problem(blob, scanner, f"only the first {limit:,} of {blob.size:,} bytes were read", partial=True),
    )
