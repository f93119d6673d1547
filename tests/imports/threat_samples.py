"""Threat models as their tools write them, each made here from the documented shape."""

from typing import Any

__all__ = ["NAMED", "pytm", "threagile", "threagile_risks", "threat_dragon"]

NAMED = ("Training data poisoning", "Model inversion", "Membership inference")
"""Threats of the kinds that the standard gives as examples."""


def threat_dragon(*threats: dict[str, Any], out_of_scope: bool = False, version: int = 2) -> dict[str, Any]:
    """A process with `threats`, or with one that is mitigated, a store and a boundary."""
    default = {"status": "Mitigated", "severity": "High", "mitigation": "Signed.", "description": "d"}
    found = [
        {"title": "Prompt injection", "type": "Tampering", "modelType": "STRIDE", **default, **t}
        for t in threats or ({},)
    ]
    process = {"type": "tm.Process", "name": "Chat", "outOfScope": out_of_scope, "threats": found}
    store = {"type": "tm.Store", "name": "Index", "outOfScope": False, "threats": []}
    boundary = {"type": "tm.BoundaryBox", "name": "Cloud", "isTrustBoundary": True}
    summary = {"title": "Assistant", "owner": "Ada", "description": "", "id": 0}
    if version == 1:
        cells: list[dict[str, Any]] = [process, store, boundary]
        diagrams: list[dict[str, Any]] = [{"title": "Main", "diagramJson": {"cells": cells}}]
        return {"summary": summary, "detail": {"contributors": [], "diagrams": diagrams}}
    shapes = ("process", "store", "trust-boundary-box")
    cells = [
        {"shape": shape, "id": f"{n}", "zIndex": n, "data": data}
        for n, (shape, data) in enumerate(zip(shapes, (process, store, boundary), strict=True))
    ]
    return {
        "version": "2.4.1",
        "summary": summary,
        "detail": {
            "contributors": [{"name": "Ada"}],
            "diagrams": [{"id": 0, "title": "Main", "cells": cells}],
        },
    }


def pytm(*findings: dict[str, Any], excluded: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """What `tm.py --json` writes, with the fields that matter."""
    element = {"__class__": "Server", "name": "API", "inScope": True}
    controls = {"controls": {"checksInputBounds": False, "implementsPOLP": False}}
    base = {
        "threat_id": "LLM01", "description": "Direct Prompt Injection", "severity": "High", "target": "API",
        "mitigations": "The library's advice.", "response": "", "likelihood": "High", "id": "1",
    }  # fmt: skip
    return {
        "actors": [],
        "elements": [{**element, **controls}, {**element, "__class__": "LLM", "name": "Model"}],
        "flows": [{"name": "ask", "inScope": True}],
        "excluded_findings": [{**base, **f} for f in excluded],
        "findings": [{**base, **f} for f in findings or ({},)],
        "name": "Assistant",
        "threatsFile": "/lib/pytm/threatlib/threats.json",
    }


def threagile(**more: Any) -> dict[str, Any]:
    """A model with two assets, one risk of its own and one status for many."""
    return {
        "threagile_version": "1.0.0",
        "title": "Assistant",
        "date": "2026-11-20",
        "technical_assets": {
            "Chat": {
                "id": "chat",
                "out_of_scope": False,
                "communication_links": {"Ask": {"target": "model"}},
            },
            "Browser": {"id": "browser", "out_of_scope": True},
        },
        "individual_risk_categories": {
            "Model Poisoning": {
                "id": "model-poisoning",
                "description": "Poisoned training data",
                "risks_identified": {
                    "<b>Poisoning</b> at <b>Chat</b>": {
                        "severity": "critical",
                        "most_relevant_technical_asset": "chat",
                    }
                },
            }
        },
        "risk_tracking": {
            "model-poisoning@chat": {"status": "mitigated", "justification": "Checked."},
            "unencrypted-asset@*": {"status": "in-progress", "justification": "Begun."},
        },
        **more,
    }


def threagile_risks(*risks: dict[str, Any]) -> list[dict[str, Any]]:
    """`risks.json`."""
    base = {
        "category": "missing-authentication",
        "risk_status": "mitigated",
        "severity": "elevated",
        "exploitation_likelihood": "likely",
        "exploitation_impact": "medium",
        "title": "<b>Missing Authentication</b> at <b>Chat</b>",
        "synthetic_id": "missing-authentication@chat",
        "most_relevant_technical_asset": "chat",
    }
    return [{**base, **r} for r in risks or ({},)]
