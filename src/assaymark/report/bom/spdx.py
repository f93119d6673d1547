"""A bill of materials as SPDX 3.0.1 (JSON-LD) with elements of the AI and Dataset profiles.

A profile is claimed only if every field that it makes mandatory is known; nothing is made up to fit.
"""

from collections.abc import Iterator
from typing import Any

from assaymark.bom import Bom, ComponentKind, LinkKind
from assaymark.report.bom.spdx_elements import component_element, file_element, service_element
from assaymark.report.bom.spdx_licences import licence_elements, licence_id
from assaymark.report.bom.spdx_names import Names
from assaymark.report.bom.text import cleaned, content_uuid, json_bytes

__all__ = ["SPEC", "render_spdx", "spdx"]

SPEC = "3.0.1"
_CONTEXT = f"https://spdx.org/rdf/{SPEC}/spdx-context.jsonld"
_SPACE = "https://spdx.org/spdxdocs/assaymark-"
"""SPDX's own name space for documents whose makers have none."""
_TYPES = {
    LinkKind.DEPENDS_ON: "dependsOn",
    LinkKind.CONTAINS: "contains",
    LinkKind.DERIVED_FROM: "descendantOf",
    LinkKind.TRAINED_ON: "trainedOn",
    LinkKind.READS: "hasDataFile",
    LinkKind.DESCRIBED_BY: "hasDocumentation",
}
_MANDATORY = {
    "ai": (
        "ai_AIPackage",
        ("releaseTime", "suppliedBy", "software_downloadLocation", "software_packageVersion"),
    ),
    "dataset": (
        "dataset_DatasetPackage",
        ("builtTime", "originatedBy", "releaseTime", "software_downloadLocation", "dataset_datasetType"),
    ),
}
"""Profile → its class, and the fields that the profile makes mandatory (primaryPurpose is always written)."""


def render_spdx(bom: Bom, *, tool_version: str, timestamp: str) -> bytes:
    """The document as JSON-LD; the same arguments give the same bytes."""
    return json_bytes(spdx(bom, tool_version=tool_version, timestamp=timestamp))


def spdx(bom: Bom, *, tool_version: str, timestamp: str) -> dict[str, Any]:
    """The document as plain values.

    Args:
        bom: what to write.
        tool_version: version of Assaymark that read the tree.
        timestamp: when, in UTC, as `2026-11-27T08:00:00Z`.
    """
    bom = cleaned(bom)
    names = Names(f"{_SPACE}{content_uuid(bom, f'{tool_version} SPDX {SPEC}')}#")
    elements = [*_parts(bom, names), *_relationships(bom, names)]
    agent, tool = names.of("agent:assaymark"), names.of("tool:assaymark")
    creation = {
        "type": "CreationInfo",
        "@id": "_:creationinfo",
        "specVersion": SPEC,
        "created": timestamp,
        "createdBy": [agent],
        "createdUsing": [tool],
    }
    elements += [
        {"type": "SoftwareAgent", "spdxId": agent, "name": "Assaymark"},
        {"type": "Tool", "spdxId": tool, "name": f"assaymark {tool_version}"},
        *({"type": "Organization", "spdxId": ref, "name": name} for name, ref in names.organisations()),
    ]
    ids = sorted(e["spdxId"] for e in elements)
    elements += [_sbom(bom, names, ids), _document(bom, names, [*ids, names.of("sbom")], elements)]
    graph = [
        {**e, "creationInfo": "_:creationinfo"} for e in sorted(elements, key=lambda e: str(e["spdxId"]))
    ]
    return {"@context": _CONTEXT, "@graph": [creation, *graph]}


def _parts(bom: Bom, names: Names) -> Iterator[dict[str, Any]]:
    files = {f.path for f in bom.files}
    system = {
        "type": "software_Package",
        "spdxId": names.of("system"),
        "name": bom.name or "unnamed",
        "description": bom.description,
        "software_packageVersion": bom.version,
        "software_primaryPurpose": "application",
        "suppliedBy": names.organisation(bom.organisation),
        "comment": f"Owner: {bom.owner}." if bom.owner else "",
        "software_sourceInfo": f"git commit {bom.commit}" if bom.commit else "",
    }
    yield {k: v for k, v in system.items() if v}
    yield from (component_element(c, names, files) for c in bom.components)
    yield from (service_element(s, names) for s in bom.services)
    yield from (file_element(f, names) for f in bom.files)
    yield from licence_elements(bom, names)


def _relationships(bom: Bom, names: Names) -> Iterator[dict[str, Any]]:
    """Links grouped by source and kind, what holds which file, and declared licences."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for link in bom.links:
        grouped.setdefault((link.source, _TYPES[link.kind]), []).append(link.target)
    grouped[("system", "contains")] = [f"file:{f.path}" for f in bom.files]
    for component in bom.components:
        if component.files:
            kind = "hasDataFile" if component.kind is ComponentKind.DATA else "contains"
            grouped.setdefault((component.ref, kind), []).extend(f"file:{p}" for p in component.files)
    for ref, licences in (("system", bom.licences), *((c.ref, c.licences) for c in bom.components)):
        if licences:
            grouped[(ref, "hasDeclaredLicense")] = [licence_id(one) for one in licences]
    for (source, kind), targets in grouped.items():
        if targets:
            yield {
                "type": "Relationship",
                "spdxId": names.of(f"relationship:{kind}:{source}"),
                "from": names.of(source),
                "relationshipType": kind,
                "to": sorted({names.of(t) for t in targets}),
                "completeness": _completeness(bom, source, kind),
            }


def _completeness(bom: Bom, source: str, kind: str) -> str:
    """Files are all listed unless something was not read; of other relations nobody can say."""
    if (source, kind) == ("system", "contains"):
        return "incomplete" if bom.holes else "complete"
    return "complete" if kind == "hasDataFile" and source.startswith("dataset:") else "noAssertion"


def _sbom(bom: Bom, names: Names, ids: list[str]) -> dict[str, Any]:
    holes = "; ".join(f"{h.path}: {h.reason}" for h in bom.holes)
    found = {
        "type": "software_Sbom",
        "spdxId": names.of("sbom"),
        "name": f"Bill of materials of {bom.name}",
        "rootElement": [names.of("system")],
        "element": ids,
        "software_sbomType": ["source"],
        "comment": f"Not read, or only in part: {holes}." if holes else "",
    }
    return {k: v for k, v in found.items() if v}


def _document(bom: Bom, names: Names, ids: list[str], elements: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {e["type"] for e in elements}
    asked = {profile: spec for profile, spec in _MANDATORY.items() if spec[0] in kinds}
    missing = {profile: _missing(elements, *spec) for profile, spec in asked.items()}
    conform = [profile for profile, fields in missing.items() if not fields]
    told = [f"{p}: {', '.join(f)}" for p, f in missing.items() if f]
    found = {
        "type": "SpdxDocument",
        "spdxId": names.of("document"),
        "name": bom.name or "unnamed",
        "profileConformance": sorted(["core", "simpleLicensing", "software", *conform]),
        "rootElement": [names.of("sbom")],
        "element": sorted(ids),
        "comment": f"Conformance is not claimed where the tree does not state {'; '.join(told)}."
        if told
        else "",
    }
    return {k: v for k, v in found.items() if v}


def _missing(elements: list[dict[str, Any]], kind: str, fields: tuple[str, ...]) -> list[str]:
    """Mandatory fields that at least one element of the class lacks."""
    own = [e for e in elements if e["type"] == kind]
    return [f for f in fields if any(f not in e for e in own)]
