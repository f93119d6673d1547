"""The scan as JSON, version 1: `docs/formats/scan-json.md` is its description, the schema its test."""

from typing import Any

import msgspec

from assaymark.inspection import Hazard, Hole, Inspection, ScanReport, Verdict
from assaymark.report.text import escaped_json

__all__ = ["render_json", "scan_document"]

_FORMAT = "assaymark-scan/1"


def render_json(report: ScanReport) -> bytes:
    """The whole report; same report, same bytes."""
    return escaped_json(msgspec.json.format(msgspec.json.encode(scan_document(report)), indent=1)) + b"\n"


def scan_document(report: ScanReport) -> dict[str, Any]:
    """The report as plain values, in the format's order."""
    return {
        "format": _FORMAT,
        "tool": {"name": "assaymark", "version": report.tool_version},
        "target": _unicode(report.target),
        "verdict": report.verdict.value,
        "counts": {v.value: sum(i.verdict is v for i in report.inspections) for v in Verdict},
        "files_in_all": report.files,
        "files": [_file(i) for i in report.inspections],
        "not_looked_at": [
            {"path": _unicode(n.path), "reason": _unicode(n.reason), "files": n.files}
            for n in report.not_looked_at
        ],
        "rules": {r.id: {"title": r.title, "help": r.help} for r in report.rules},
        "problems": [_unicode(p) for p in report.problems],
    }


def _file(one: Inspection) -> dict[str, Any]:
    header = one.header
    return {
        "path": _unicode(one.path),
        "verdict": one.verdict.value,
        "format": header.format if header else None,
        "formats": list(one.formats),
        "size": one.size,
        "sha256": one.sha256 or None,
        "coverage": {"read": one.read, "interpreted": one.interpreted, "data": one.data},
        "members": one.members,
        "tensors": header.tensors if header else 0,
        "parameters": header.parameters if header else 0,
        "metadata": {_unicode(k): _unicode(v) for k, v in header.metadata} if header else {},
        "hazards": [_hazard(h) for h in one.hazards],
        "holes": [_hole(h) for h in one.holes],
    }


def _hazard(hazard: Hazard) -> dict[str, Any]:
    return {
        "rule": hazard.rule,
        "level": hazard.level.value,
        "message": _unicode(hazard.message),
        "subject": _unicode(hazard.subject),
        "member": _unicode(hazard.member),
        "offset": hazard.offset,
        "line": hazard.line or None,
        "evidence": _unicode(hazard.evidence),
    }


def _hole(hole: Hole) -> dict[str, Any]:
    return {
        "kind": hole.kind.value,
        "reason": _unicode(hole.reason),
        "member": _unicode(hole.member),
        "offset": hole.offset,
        "size": hole.size,
    }


def _unicode(text: str) -> str:
    """`text` without lone surrogates, which no JSON reader takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8") if not text.isascii() else text
