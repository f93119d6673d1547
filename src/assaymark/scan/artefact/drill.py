"""Records of restore drills, as `assaymark restore --drill --record` writes them (docs/signing.md)."""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.observation import Location
from assaymark.scan.artefact.json_text import parse_json
from assaymark.scan.blob import Blob
from assaymark.scan.facts import Fact, RestoreDrill, ScanProblem

__all__ = ["accepts_drill", "scan_drill"]

MAX_BYTES = 4 << 20
_MARK = re.compile(rb'"type"\s*:\s*"restore-drill"')
_RESULTS = {"restorable": True, "not restorable": False}


def accepts_drill(path: str, head: bytes) -> bool:
    """Whether it is JSON and says that it is the record of a drill."""
    return path.lower().endswith(".json") and (_MARK.search(head) is not None or b"restore-drill" in head)


def scan_drill(blob: Blob) -> Iterator[Fact]:
    """What was proved, when, and with what result."""
    record = parse_json(blob.read(0, MAX_BYTES)) if blob.size <= MAX_BYTES else None
    if not isinstance(record, dict) or record.get("type") != "restore-drill":
        reason = f"it is no record of a drill that can be read, or longer than {MAX_BYTES:,} bytes"
        yield ScanProblem(at=Location(blob.path), scanner="restore-drill", reason=reason)
        return
    manifest = record.get("manifest")
    manifest = manifest if isinstance(manifest, dict) else {}
    yield RestoreDrill(
        at=Location(blob.path),
        day=str(record.get("time", ""))[:10],
        restorable=_RESULTS.get(str(record.get("result"))),
        listed=_count(record.get("listed")),
        files=_count(record.get("files")),
        restored=record.get("restored") is True,
        manifest_sha256=str(manifest.get("sha256", ""))[:64],
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
