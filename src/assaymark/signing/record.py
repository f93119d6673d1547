"""The record of a drill, to be kept as evidence: what was proved, from what, when, and with what result."""

from datetime import datetime

import msgspec
from msgspec import Struct

from assaymark.observation import canonical
from assaymark.signing.drill import Drilled

__all__ = ["BackupRecord", "DrillRecord", "ManifestRecord", "encode_record", "record_of"]

_MOST = 1_000
"""Differences that a record names; `missing_or_wrong` counts all."""


class ManifestRecord(Struct, frozen=True, kw_only=True):
    """The known good state."""

    name: str
    """File name."""
    sha256: str
    signed_by: str = ""
    """Who signed it, as verified in the drill; empty if no signature was verified."""


class BackupRecord(Struct, frozen=True, kw_only=True):
    """What was read."""

    name: str
    """Name of the archive or folder."""
    kind: str
    """`folder`, `tar`, `tar.gz` or `zip`."""
    sha256: str = ""
    """Of the archive; empty for a folder, which has no digest of its own."""


class DrillRecord(Struct, frozen=True, kw_only=True):
    """One drill; version 1 of the format, described in docs/signing.md."""

    v: int = 1
    type: str = "restore-drill"
    tool: str
    """`assaymark VERSION`."""
    time: str
    """When it began, UTC."""
    seconds: float
    manifest: ManifestRecord
    backup: BackupRecord
    listed: int
    """Files that should be there."""
    files: int
    """Files that are there as listed."""
    bytes: int
    """Bytes in those."""
    restored: bool
    """Whether a copy was written and read back, too."""
    result: str
    """`restorable` or `not restorable`."""
    missing_or_wrong: int = 0
    differences: tuple[str, ...] = ()
    """At most a thousand of them."""


def record_of(
    drilled: Drilled,
    *,
    manifest: ManifestRecord,
    backup: BackupRecord,
    tool: str,
    began: datetime,
    seconds: float,
    restored: bool,
) -> DrillRecord:
    """The record of a drill that began at `began` (UTC) and took `seconds`."""
    return DrillRecord(
        tool=tool,
        time=began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(seconds, 3),
        manifest=manifest,
        backup=backup,
        listed=drilled.listed,
        files=drilled.files,
        bytes=drilled.size,
        restored=restored,
        result="restorable" if drilled.ok else "not restorable",
        missing_or_wrong=len(drilled.differences),
        differences=tuple(str(d) for d in drilled.differences[:_MOST]),
    )


def encode_record(record: DrillRecord) -> bytes:
    """JSON with sorted keys, made to be read in a review."""
    return msgspec.json.format(canonical(record), indent=2) + b"\n"
