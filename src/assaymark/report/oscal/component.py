"""The system as an OSCAL component definition: how each provision that applies is met, as far as it is."""

from collections.abc import Iterator
from typing import Any

from assaymark.assess.assessment import Assessment, ObligationResult, ProvisionResult, Verdict
from assaymark.report.oscal.parts import (
    CATALOG_FILE,
    control_id,
    document,
    item_id,
    line,
    metadata,
    number,
    prop,
)

__all__ = ["render_component"]

_STATUS = {Verdict.PASS: "implemented", Verdict.NOT_APPLICABLE: "not-applicable"}
"""NIST's `implementation-status`, where it says what we know; failed and open provisions get none."""


def render_component(assessment: Assessment) -> bytes:
    """The component definition: one component, one implemented requirement a provision."""
    a = assessment
    made = (a.edition, a.system.name, a.commit, a.ledger_root, a.assessed_at)
    return document(
        "component-definition",
        {
            "uuid": number("component-definition", *made),
            "metadata": metadata(a, f"{a.system.name} against {a.edition}"),
            "components": [
                {
                    "uuid": number("component", *made),
                    "type": "this-system",
                    "title": line(a.system.name),
                    "description": a.system.purpose or "The AI system under assessment.",
                    "props": list(_facts(a)),
                    "control-implementations": [
                        {
                            "uuid": number("implementation", *made),
                            "source": CATALOG_FILE,
                            "description": f"As seen by Assaymark {a.tool_version} on {a.assessed_at}.",
                            "implemented-requirements": [_requirement(a, r) for r in a.results],
                        }
                    ],
                }
            ],
        },
    )


def _facts(a: Assessment) -> Iterator[dict[str, Any]]:
    said = {
        "version": a.system.version,
        "git-commit": a.commit,
        "organisation": a.system.organisation,
        "owner": a.system.owner,
        "profile": a.system.profile.value if a.system.profile else "",
        "ledger-root": a.ledger_root,
    }
    yield from (prop(name, value) for name, value in said.items() if value)
    yield from (prop("role-held", role.value) for role in a.system.roles)


def _requirement(a: Assessment, r: ProvisionResult) -> dict[str, Any]:
    status = _STATUS.get(r.verdict)
    standard = [{"name": "implementation-status", "value": status}] if status else []
    said = number("requirement", a.system.name, a.ledger_root, a.assessed_at, r.id)
    return {
        "uuid": said,
        "control-id": control_id(r.id),
        "description": r.reason,
        "props": [
            *standard,
            prop("verdict", r.verdict.value),
            prop("freshness", r.freshness.value),
            prop("basis", r.basis),
        ],
        "statements": [_statement(said, o) for o in r.obligations],
    }


def _statement(requirement: str, o: ObligationResult) -> dict[str, Any]:
    return {
        "statement-id": item_id(o.id),
        "uuid": number(requirement, o.id),
        "description": o.reason,
        "props": [prop("verdict", o.verdict.value), prop("force", o.force), prop("basis", o.basis)],
    }
