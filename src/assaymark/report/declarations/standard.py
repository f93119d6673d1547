"""The standard as CycloneDX has it: 72 provisions and their obligations as requirements, in our words."""

from collections.abc import Iterator
from typing import Any

from assaymark.assess.assessment import Applicability, Assessment, ObligationResult, Verdict
from assaymark.report.declarations.names import STANDARD, level_ref, requirement_ref
from assaymark.standard.provision import Obligation, Provision
from assaymark.system.system import Role

__all__ = ["standard_of"]


def standard_of(a: Assessment) -> dict[str, Any]:
    """One standard; a requirement that does not apply says so and why, since declarations cannot."""
    name, _, version = a.edition.rpartition(" ")
    return {
        "bom-ref": STANDARD,
        "name": f"ETSI {name or a.edition}",
        "version": version,
        "description": (
            f"Provisions of ETSI {a.edition}, summarised in Assaymark's own words; the standard's text is "
            f"not here. Catalogue SHA-256 {a.catalogue_sha256}."
        ),
        "owner": "ETSI",
        "requirements": list(_requirements(a)),
        "levels": list(_levels(a)),
    }


def _requirements(a: Assessment) -> Iterator[dict[str, Any]]:
    results = {r.id: r for r in a.results}
    for p in a.provisions:
        result = results.get(p.id)
        out = ""
        if result is not None and result.verdict is Verdict.NOT_APPLICABLE:
            out = _reason(result.applicability, result.reason)
        yield _provision(p, out)
        parts = {o.id: o for o in result.obligations} if result else {}
        for o in p.obligations:
            yield _obligation(o, p.id, _scope(parts.get(o.id)) or out)


def _scope(part: ObligationResult | None) -> str:
    """Why an obligation does not apply; empty if it does."""
    if part is None or part.applicability.applies:
        return ""
    return _reason(part.applicability, part.applicability.reason)


def _reason(scope: Applicability, reason: str) -> str:
    return f"{reason} ({scope.decided_by})" if scope.decided_by else reason


def _provision(p: Provision, out: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "bom-ref": requirement_ref(p.id),
        "identifier": p.id,
        "title": f"Provision {p.id}: {p.principle_title}",
        "text": p.summary,
    }
    if p.parent:
        found["parent"] = requirement_ref(p.parent)
    told = [("force", p.force), ("phase", p.phase.value), ("principle", str(p.principle))]
    told += [("actor", actor) for actor in p.actors]
    told += [("ts-104-223", p.ts_id), ("code-of-practice", p.cop_id), ("not-applicable", out)]
    return {**found, "properties": _properties(told)}


def _obligation(o: Obligation, provision: str, out: str) -> dict[str, Any]:
    told = [("force", o.force.value), *(("actor", actor) for actor in o.actors), ("not-applicable", out)]
    return {
        "bom-ref": requirement_ref(o.id),
        "identifier": o.id,
        "title": f"Part {o.id.rpartition('#')[2]} of {provision}",
        "text": o.text,
        "parent": requirement_ref(provision),
        "properties": _properties(told),
    }


def _properties(told: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": f"assaymark:{name}", "value": value} for name, value in told if value]


def _levels(a: Assessment) -> Iterator[dict[str, Any]]:
    """For each role, the requirements addressed to it."""
    for role in Role:
        mine = [
            ref
            for p in a.provisions
            for ref in (
                *([requirement_ref(p.id)] if role.value in p.actors else []),
                *(requirement_ref(o.id) for o in p.obligations if role.value in o.actors),
            )
        ]
        if mine:
            yield {
                "bom-ref": level_ref(role.value),
                "identifier": role.value,
                "title": f"Addressed to the {role.value}",
                "requirements": mine,
            }
