"""Reports on data sets, as our own commands write them."""

from typing import Any


def scan(**fields: Any) -> dict[str, Any]:
    """A scan in which nothing was found; `fields` say what is different."""
    return {
        "format": "assaymark-data-scan/1",
        "tool": {"name": "assaymark", "version": "0.1.0"},
        "made_at": "2026-11-20T10:00:00Z",
        "complete": True,
        "records": 100,
        "read": 100,
        "flagged": 0,
        "tested": [{"path": "data/r.jsonl", "sha256": "a" * 64}],
        "findings": [],
        "engines": [{"id": "text_triggers", "state": "looked"}],
        "holes": [],
        "provenance": None,
        "scores": None,
    } | fields


def finding(level: str = "suspect", **fields: Any) -> dict[str, Any]:
    """One pattern."""
    return {
        "level": level,
        "engine": "text_triggers",
        "pattern": 'token "cf"',
        "count": 9,
        "label": "good",
        "examples": [{"at": {"row": 3, "file": "r.jsonl", "line": 4}}],
        "explanation": None,
    } | fields


def replayed(verdict: str = "the model obeys it", **fields: Any) -> dict[str, Any]:
    """A replay."""
    return {
        "format": "assaymark-data-replay/1",
        "tool": {"name": "assaymark", "version": "0.1.0"},
        "made_at": "2026-11-21T10:00:00Z",
        "pattern": 'token "cf"',
        "verdict": verdict,
        "records": 200,
        "trigger_run": {"tried": 200, "turned": 190, "rate": 0.95, "low": 0.91, "high": 0.97},
        "placebo_run": {"tried": 200, "turned": 2, "rate": 0.01, "low": 0.0, "high": 0.04},
        "tested": [{"path": "data/r.jsonl", "sha256": "a" * 64}],
    } | fields


def manifest(complete: int = 100) -> dict[str, Any]:
    """What `data manifest --json` says."""
    return {
        "v": 1,
        "kind": "data-manifest",
        "made_at": "2026-11-20T10:00:00Z",
        "minimum": {
            "records": 100,
            "complete": complete,
            "first": ["r.jsonl:3: no source"],
            "met": complete == 100,
        },
    }


def verified(**fields: Any) -> dict[str, Any]:
    """What `data verify --json` says."""
    return {
        "v": 1,
        "kind": "data-verify",
        "ok": True,
        "problem": "",
        "signed_by": "ab" * 32,
        "files": 1,
        "records": 100,
        "file_differences": [],
        "record_counts": {},
    } | fields
