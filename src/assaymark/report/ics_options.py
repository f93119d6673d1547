"""What a person may add to a conformance statement for people: classification, logo, version history."""

import zlib
from typing import Literal

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.errors import UsageError

__all__ = ["Logo", "StatementOptions", "VersionRow", "checked_logo", "history"]

_LARGEST = 1024 * 1024
_WIDEST = 4096
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""Chunks that make the picture; texts, profiles and private data are left out."""
_ADVICE = f"Give a PNG file of at most {_LARGEST // 1024 // 1024} MiB and {_WIDEST} pixels a side."


class VersionRow(Struct, frozen=True, kw_only=True):
    """One line of a document's version history."""

    version: str
    date: str
    author: str
    change: str


class StatementOptions(Struct, frozen=True, kw_only=True):
    """What the assessment does not know and a reader wants to see on the document."""

    classification: str = ""
    """Who may see it, in the owner's words; empty prints that none was given."""
    logo: bytes = b""
    """A PNG picture; empty for none."""
    versions: tuple[VersionRow, ...] = ()
    """Version history, oldest first; empty gives one line drawn from the assessment."""
    language: Literal["en"] = "en"
    """Language of the fixed words."""


class Logo(Struct, frozen=True):
    """A picture that was read from end to end."""

    data: bytes
    """PNG, with nothing in it but the picture."""
    width: int
    """Pixels."""
    height: int


def history(assessment: Assessment, options: StatementOptions) -> tuple[VersionRow, ...]:
    """The version history to print: as given, else one line that the assessment itself justifies."""
    if options.versions:
        return options.versions
    return (
        VersionRow(
            version=assessment.system.version or "not stated",
            date=assessment.assessed_at[:10],
            author=f"Assaymark {assessment.tool_version}",
            change="Drawn from the assessment of this day; no history was given.",
        ),
    )


def checked_logo(data: bytes) -> Logo | None:
    """The picture in `data`, without whatever else the file carries; None for no bytes.

    Raises:
        UsageError: it is no PNG, is damaged, or is too large.
    """
    if not data:
        return None
    if len(data) > _LARGEST:
        raise UsageError(f"The logo has {len(data):,} bytes, which is too large.", _ADVICE)
    if not data.startswith(_SIGNATURE):
        raise UsageError("The logo is no PNG file.", _ADVICE)
    chunks = _chunks(data)
    header = chunks[0][1] if chunks and chunks[0][0] == b"IHDR" else b""
    if len(header) != 13 or chunks[-1][0] != b"IEND" or not any(k == b"IDAT" for k, _ in chunks):
        raise UsageError("The logo is a PNG file without a whole picture in it.", _ADVICE)
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    if not (0 < width <= _WIDEST and 0 < height <= _WIDEST):
        raise UsageError(f"The logo measures {width:,} by {height:,} pixels.", _ADVICE)
    kept = b"".join(_chunk(kind, body) for kind, body in chunks if kind in _KEPT)
    return Logo(_SIGNATURE + kept, width, height)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each chunk up to `IEND`; what follows is no part of the picture."""
    found: list[tuple[bytes, bytes]] = []
    at = len(_SIGNATURE)
    while at + 12 <= len(data) and (not found or found[-1][0] != b"IEND"):
        size = int.from_bytes(data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        checksum = data[at + 8 + size : at + 12 + size]
        if int.from_bytes(checksum) != zlib.crc32(kind + body) or len(checksum) != 4:
            raise UsageError(f"The logo is damaged at byte {at:,}.", _ADVICE)
        found.append((kind, body))
        at += 12 + size
    return found


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
