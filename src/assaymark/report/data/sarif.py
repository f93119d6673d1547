"""The scan of a data set as SARIF 2.1.0 (OASIS Standard, 27 March 2020): each suspect at its file and row.

In CSV and JSON Lines a row has a line: the first record's plus the row. Where a cell of a CSV holds a line
end, what follows stands further down than that; the row in the message is exact. Elsewhere the location is
the file. Pure.
"""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from assaymark.report.data.document import DataReport, FindingEntry, PlaceEntry
from assaymark.report.data.places import Places
from assaymark.report.data.words import chance, place_words, prone
from assaymark.report.text import counted, cut_middle, escaped_json, printable

__all__ = ["render_sarif"]

_MOST = 5_000
"""Results kept; GitHub accepts 25,000 in an upload and shows the first 5,000."""
_EACH = 500
"""Records of one pattern that become results of their own."""
_LONGEST = 1_000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"suspect": "error", "to explain": "warning", "note": "note"}
_HOLE = "not-read"
_HOLE_TITLE = "A record or file could not be read"
_HOLE_HELP = "Nothing is said of it, and it counts as not looked at."


def render_sarif(report: DataReport) -> bytes:
    """One run with its rules and at most 5,000 results, suspects first."""
    results = sorted(_results(report), key=lambda r: list(_LEVELS.values()).index(r["level"]))
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, results)]}
    return escaped_json(msgspec.json.format(msgspec.json.encode(log), indent=1)) + b"\n"


def _run(report: DataReport, results: list[dict[str, Any]]) -> dict[str, Any]:
    kept = results[:_MOST]
    ids = list(dict.fromkeys(r["ruleId"] for r in kept))
    for result in kept:
        result["ruleIndex"] = ids.index(result["ruleId"])
    notices = [f"{e.id} {e.state}: {e.reason}" for e in report.engines if e.state != "looked"]
    notices += [n for n in report.notes if n not in notices]
    if len(results) > len(kept):
        notices.append(f"{counted(len(results) - len(kept), 'less important result')} left out.")
    told = {e.id: (e.looks_for, f"It misses: {e.misses}") for e in report.engines}
    return {
        "tool": {
            "driver": {
                "name": "assaymark-data-scan",
                "semanticVersion": report.tool.version,
                "version": report.tool.version,
                "rules": [_rule(i, *told.get(i, (_HOLE_TITLE, _HOLE_HELP))) for i in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The scanned data set."}}},
        "invocations": [
            {
                "executionSuccessful": not any(e.state == "stopped" for e in report.engines),
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": _text(t)}} for t in notices[:200]
                ],
            }
        ],
        "results": kept,
    }


def _rule(name: str, title: str, told: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.replace("-", "_").split("_")),
        "shortDescription": {"text": _text(title)},
        "fullDescription": {"text": _text(f"{title} {told}")},
        "help": {"text": _text(told)},
        "properties": {"tags": ["security", "ai", "data-poisoning"]},
    }


def _results(report: DataReport) -> Iterator[dict[str, Any]]:
    places = Places(report)
    for finding in report.findings:
        rows = finding.rows[: _EACH if finding.level == "suspect" else 1] or (-1,)
        for row in rows:
            yield _finding(places, finding, places.of(row) if row >= 0 else None)
    for hole in report.holes:
        at = PlaceEntry(0, hole.file, hole.line)
        yield {
            "ruleId": _HOLE,
            "level": "warning",
            "message": {"text": _text(f"Not read: {hole.reason}")},
            "locations": [_location(places, at)] if hole.file else [],
            "partialFingerprints": {
                "assaymark-data-scan/v1": _print(_HOLE, hole.file, hole.line, hole.reason)
            },
        }


def _finding(places: Places, one: FindingEntry, at: PlaceEntry | None) -> dict[str, Any]:
    where = f" Here: {place_words(at)}." if at else ""
    message = f"{one.pattern} ({one.where or 'anywhere'}): {chance(one)}. {prone(one).capitalize()}.{where}"
    result: dict[str, Any] = {
        "ruleId": one.engine,
        "level": _LEVELS[one.level],
        "message": {"text": _text(message)},
        "locations": [_location(places, at)] if at else [],
        "partialFingerprints": {
            "assaymark-data-scan/v1": _print(one.id, at.file if at else "", at.line if at else 0)
        },
        "properties": {"pattern": one.id, "finding": one.number, "records": one.count, "score": one.score},
    }
    if one.explanation and one.explanation.counts:
        said = one.explanation
        reason = f"{said.owner}, {said.on}: {said.reason}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _text(reason)}]
    return result


def _location(places: Places, at: PlaceEntry) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(at.file), "uriBaseId": "%SRCROOT%"}}
    line = places.line(at)
    if line:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): percent-encoded; a colon too, or `a:b` would read as a scheme."""
    return quote(path.encode("utf-8", "backslashreplace"), safe="/")


def _print(*parts: str | int) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _text(text: str) -> str:
    """Safe text; `](` is drawn apart, or a viewer would make it a link to wherever the text says."""
    return printable(cut_middle(text, _LONGEST)).replace("](", "] (")
