"""The scan as SARIF 2.1.0 (OASIS Standard, 27 March 2020): hazards and holes, each with its file."""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from assaymark.inspection import Hazard, Hole, Inspection, Level, ScanReport
from assaymark.report.text import counted, cut_middle, escaped_json, printable

__all__ = ["render_sarif"]

_MOST = 5_000
"""Results kept; GitHub accepts 25,000 in an upload and shows the first 5,000."""
_LONGEST = 1_000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.DANGEROUS: "error", Level.UNKNOWN: "warning", Level.NOTE: "note"}
_HOLE = "not-covered"
_HOLE_TITLE = "A part of the file could not be covered"
_HOLE_HELP = "Nothing is said of that part, and the file is not called clean. The message names the reason."


def render_sarif(report: ScanReport) -> bytes:
    """One run with its rules and at most 5,000 results, dangerous ones first."""
    results = sorted(_results(report), key=lambda r: list(_LEVELS.values()).index(r["level"]))
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, results)]}
    return escaped_json(msgspec.json.format(msgspec.json.encode(log), indent=1)) + b"\n"


def _run(report: ScanReport, results: list[dict[str, Any]]) -> dict[str, Any]:
    told = {r.id: (r.title, r.help) for r in report.rules}
    ids = list(dict.fromkeys(r["ruleId"] for r in results[:_MOST]))
    numbered = {name: n for n, name in enumerate(ids)}
    for result in results[:_MOST]:
        result["ruleIndex"] = numbered[result["ruleId"]]
    notices = list(report.problems)
    notices += [f"{n.path}: not looked at: {n.reason}" for n in report.not_looked_at[:100]]
    if len(results) > _MOST:
        notices.append(f"{counted(len(results) - _MOST, 'less important result')} left out.")
    return {
        "tool": {
            "driver": {
                "name": "assaymark-scan",
                "semanticVersion": report.tool_version,
                "version": report.tool_version,
                "rules": [_rule(i, *told.get(i, (_HOLE_TITLE, _HOLE_HELP))) for i in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The scanned folder."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": _text(t)}} for t in notices
                ],
            }
        ],
        "results": results[:_MOST],
    }


def _rule(name: str, title: str, told: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": _text(title)},
        "fullDescription": {"text": _text(f"{title}. {told}")},
        "help": {"text": _text(told)},
        "properties": {"tags": ["security", "ai", "model"]},
    }


def _results(report: ScanReport) -> Iterator[dict[str, Any]]:
    for one in report.inspections:
        for hazard in one.hazards:
            yield _hazard(one, hazard)
        for hole in one.holes:
            yield _hole(one, hole)


def _hazard(one: Inspection, hazard: Hazard) -> dict[str, Any]:
    place = f" In {hazard.member}." if hazard.member else ""
    offset = f" At byte {hazard.offset:,}." if hazard.offset is not None else ""
    return {
        "ruleId": hazard.rule,
        "level": _LEVELS[hazard.level],
        "message": {"text": _text(f"{hazard.message}{place}{offset}")},
        "locations": [_location(one, hazard.line if not hazard.member else 0)],
        "partialFingerprints": {"assaymark-scan/v1": _print(one, hazard.rule, hazard.member, hazard.subject)},
        "properties": {
            "subject": _text(hazard.subject),
            "member": _text(hazard.member),
            "byteOffset": hazard.offset,
            "evidence": printable(hazard.evidence[:_LONGEST]),
        },
    }


def _hole(one: Inspection, hole: Hole) -> dict[str, Any]:
    place = f"{hole.member}: " if hole.member else ""
    return {
        "ruleId": _HOLE,
        "level": "warning",
        "message": {"text": _text(f"Not covered: {place}{hole.reason}")},
        "locations": [_location(one, 0)],
        "partialFingerprints": {"assaymark-scan/v1": _print(one, _HOLE, hole.member, hole.reason)},
        "properties": {"kind": hole.kind.value, "member": _text(hole.member), "size": hole.size},
    }


def _location(one: Inspection, line: int) -> dict[str, Any]:
    artifact = {"uri": _uri(one.path), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(1, line)}}}


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): percent-encoded; a colon too, or `a:b` would read as a scheme."""
    return quote(path.encode("utf-8", "backslashreplace"), safe="/")


def _print(one: Inspection, *parts: str) -> str:
    text = "\0".join((one.path, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _text(text: str) -> str:
    """Safe text; `](` is drawn apart, or a viewer would make it a link to wherever the text says."""
    return printable(cut_middle(text, _LONGEST)).replace("](", "] (")
