"""One CycloneDX file that holds both: what the system is made of, and what is claimed of it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.assess.obligation import is_attested
from assaymark.bom import Bom
from assaymark.observation import Observation, digest_of
from assaymark.report.bom.cyclonedx import cyclonedx
from assaymark.report.bom.text import clean, cleaned, content_uuid, json_bytes
from assaymark.report.declarations.claims import claims_of, map_of
from assaymark.report.declarations.evidence import evidence_of, strategies_of
from assaymark.report.declarations.names import ASSESSOR, ORGANISATION, evidence_ref, person_ref
from assaymark.report.declarations.standard import standard_of

__all__ = ["Signatory", "declared", "render_declarations"]

_SUMMARY = (
    "Self-assessment by Assaymark {version} against {edition}, made on {day}: {passed} of {applying} "
    "applicable provisions pass. It certifies nothing."
)


class Signatory(Struct, frozen=True, kw_only=True):
    """A person who signed, and where the signature lies."""

    name: str
    role: str
    organisation: str
    statement: str = ""
    """In the person's own words."""
    url: str
    """Path or address of the signature."""
    sha256: str
    """Of the file at `url`."""


def render_declarations(a: Assessment, bom: Bom, *, spec: str, signed: Sequence[Signatory] = ()) -> bytes:
    """The document as JSON in ASCII, for `spec` 1.6 or 1.7; the same arguments give the same bytes."""
    return json_bytes(declared(a, bom, spec=spec, signed=signed))


def declared(a: Assessment, bom: Bom, *, spec: str, signed: Sequence[Signatory] = ()) -> dict[str, Any]:
    """The document as plain values; an affirmation is in it only if somebody signed."""
    document = cyclonedx(bom, spec=spec, tool_version=a.tool_version, timestamp=a.assessed_at)
    added = clean({"definitions": {"standards": [standard_of(a)]}, "declarations": _declarations(a, signed)})
    if spec == "1.7":
        document["citations"] = [*document.get("citations", []), *_citations(a, added["declarations"])]
    number = content_uuid(cleaned(bom), f"{a.tool_version} CycloneDX {spec} {digest_of(added)}")
    return {**document, **added, "serialNumber": f"urn:uuid:{number}"}


def _declarations(a: Assessment, signed: Sequence[Signatory]) -> dict[str, Any]:
    organisation = a.system.organisation or "The system's owner"
    steps = [e for r in a.results for e in strategies_of(r, a.system, a.assessed_at)]
    people = [{"bom-ref": person_ref(n), "name": name} for n, name in enumerate(_people(a))]
    owner: dict[str, Any] = {"bom-ref": ORGANISATION, "name": organisation}
    found: dict[str, Any] = {
        "assessors": [{"bom-ref": ASSESSOR, "thirdParty": False, "organization": {"name": organisation}}],
        "attestations": [{"summary": _summary(a), "assessor": ASSESSOR, "map": map_of(a)}],
        "claims": claims_of(a),
        "evidence": [*evidence_of(a), *steps],
        "targets": {"organizations": [{**owner, "contact": people} if people else owner]},
    }
    return {**found, "affirmation": _affirmation(signed)} if signed else found


def _people(a: Assessment) -> list[str]:
    return list(dict.fromkeys(e.observation.by for e in a.evidence if is_attested(e.observation)))


def _summary(a: Assessment) -> str:
    from assaymark.report.view import tally

    counts = tally(a.results)
    return _SUMMARY.format(
        version=a.tool_version,
        edition=a.edition,
        day=a.assessed_at[:10],
        passed=counts.passed,
        applying=counts.applicable,
    )


def _affirmation(signed: Sequence[Signatory]) -> dict[str, Any]:
    said = [f"{s.name}: {s.statement}" for s in signed if s.statement]
    return {
        "statement": " ".join(said) or "Signed by role; the signatures are beside this file.",
        "signatories": [
            {
                "name": s.name,
                "role": s.role,
                "organization": {"name": s.organisation or "not stated"},
                "externalReference": {
                    "type": "digital-signature",
                    "url": s.url,
                    "hashes": [{"alg": "SHA-256", "content": s.sha256}],
                },
            }
            for s in signed
        ],
    }


def _citations(a: Assessment, declarations: dict[str, Any]) -> list[dict[str, Any]]:
    """Who supplied which evidence: a check, a person, or a tool whose report the assessor imported."""
    place = {item["bom-ref"]: n for n, item in enumerate(declarations["evidence"])}
    people = {name: person_ref(n) for n, name in enumerate(_people(a))}
    pointers: dict[tuple[str, str], list[str]] = {}
    for e in a.evidence:
        if evidence_ref(e.index) in place:
            pointer = f"/declarations/evidence/{place[evidence_ref(e.index)]}"
            pointers.setdefault(_source(e.observation, people), []).append(pointer)
    return [
        {"pointers": mine, "timestamp": a.assessed_at, "attributedTo": who, "note": clean(how)}
        for (who, how), mine in pointers.items()
    ]


def _source(o: Observation, people: dict[str, str]) -> tuple[str, str]:
    """A reference and how it came to know."""
    if is_attested(o):
        return people[o.by], "stated by a person"
    return ASSESSOR, f"reported by {o.by} and imported" if o.by else "observed by a check"
