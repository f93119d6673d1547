"""A bill of materials as CycloneDX 1.6 or 1.7, written directly; the tests hold it to OWASP's own schema."""

from collections import defaultdict
from typing import Any

from assaymark.asset import FileEntry
from assaymark.bom import Bom, Component, ComponentKind, Hash, Licence, LinkKind, Service
from assaymark.observation import Location
from assaymark.report.bom.cyclonedx_card import citations, model_card
from assaymark.report.bom.cyclonedx_data import data_of
from assaymark.report.bom.text import cleaned, content_uuid, iri, json_bytes

__all__ = ["VERSIONS", "cyclonedx", "render_cyclonedx"]

VERSIONS = ("1.6", "1.7")
PREFIX = "assaymark:"
"""Before the name of every property of ours."""
_TYPES = {
    ComponentKind.MODEL: "machine-learning-model",
    ComponentKind.DATA: "data",
    ComponentKind.PROMPT: "data",
    ComponentKind.PACKAGE: "library",
    ComponentKind.CONTAINER: "container",
    ComponentKind.TOOL: "application",
}
_ALGORITHMS = {
    "md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512",
}  # fmt: skip
_NEEDS = frozenset({LinkKind.DEPENDS_ON, LinkKind.READS, LinkKind.DERIVED_FROM, LinkKind.TRAINED_ON})
"""Links that are dependencies."""


def render_cyclonedx(bom: Bom, *, spec: str, tool_version: str, timestamp: str) -> bytes:
    """The document as JSON; the same arguments give the same bytes."""
    return json_bytes(cyclonedx(bom, spec=spec, tool_version=tool_version, timestamp=timestamp))


def cyclonedx(bom: Bom, *, spec: str, tool_version: str, timestamp: str) -> dict[str, Any]:
    """The document as plain values.

    Args:
        bom: what to write.
        spec: `1.6` or `1.7`.
        tool_version: version of Assaymark that read the tree.
        timestamp: when, as ISO 8601 with zone.
    """
    bom = cleaned(bom)
    writer = _Writer(bom, spec)
    components = writer.components()
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{content_uuid(bom, f'{tool_version} CycloneDX {spec}')}",
        "version": 1,
        "metadata": _metadata(bom, tool_version, timestamp),
        "components": components,
        "services": [_service(s) for s in bom.services],
        "dependencies": writer.dependencies(),
        "compositions": [
            {"aggregate": "incomplete" if bom.holes else "unknown", "assemblies": ["system"]},
        ],
        "citations": citations(bom, components, timestamp) if spec == "1.7" else [],
    }
    return _without_empty(document)


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in value.items() if v not in ("", None, [], {}, ())}


def _metadata(bom: Bom, tool_version: str, timestamp: str) -> dict[str, Any]:
    system = {
        "type": "application",
        "bom-ref": "system",
        "name": bom.name or "unnamed",
        "version": bom.version[:1000],
        "description": bom.description,
        "manufacturer": {"name": bom.organisation} if bom.organisation else {},
        "licenses": _licences(bom.licences),
        "properties": _properties((("owner", bom.owner), ("commit", bom.commit))),
    }
    tool = {"type": "application", "name": "assaymark", "version": tool_version}
    return _without_empty(
        {
            "timestamp": timestamp,
            "tools": {"components": [tool]},
            "component": _without_empty(system),
            "properties": _properties(tuple(("not-read", f"{h.path}: {h.reason}") for h in bom.holes)),
        }
    )


class _Writer:
    """Components and dependencies; each file stands in what it is the content of, else by itself."""

    def __init__(self, bom: Bom, spec: str) -> None:
        self._bom = bom
        self._spec = spec
        self._files = {f.path: f for f in bom.files}
        self._refs = {c.ref: c for c in bom.components}
        self._owners: dict[str, str] = {}
        for component in bom.components:
            for path in component.files:
                self._owners.setdefault(path, component.ref)
        self._links: dict[str, dict[LinkKind, list[str]]] = defaultdict(lambda: defaultdict(list))
        for link in bom.links:
            self._links[link.source][link.kind].append(link.target)

    def components(self) -> list[dict[str, Any]]:
        """Components, then the files that are the content of none of them."""
        alone = (f for f in self._bom.files if f.path not in self._owners)
        return [*(self._component(c) for c in self._bom.components), *map(_file, alone)]

    def dependencies(self) -> list[dict[str, Any]]:
        """For each part that needs others, which; parts that are not listed may have unknown dependencies."""
        found = []
        for source in sorted(self._links):
            needs = {t for kind, targets in self._links[source].items() if kind in _NEEDS for t in targets}
            if needs:
                found.append({"ref": source, "dependsOn": sorted(needs)})
        return found

    def _component(self, component: Component) -> dict[str, Any]:
        links = self._links.get(component.ref, {})
        own = [p for p in component.files if self._owners.get(p) == component.ref]
        written: dict[str, Any] = {
            "type": _TYPES[component.kind],
            "bom-ref": component.ref,
            "supplier": {"name": component.supplier} if component.supplier else {},
            "name": component.name or "unnamed",
            "version": component.version[:1000],
            "description": component.description,
            "hashes": _hashes(component.hashes),
            "licenses": _licences(component.licences),
            "purl": component.purl,
            "pedigree": self._pedigree(component, links.get(LinkKind.DERIVED_FROM, ())),
            "externalReferences": _references(component, links.get(LinkKind.DESCRIBED_BY, ())),
            "components": [_file(self._files[p]) for p in own if p in self._files],
            "evidence": _evidence(component.seen_at),
            "modelCard": model_card(component, links.get(LinkKind.TRAINED_ON, ())),
            "data": data_of(component),
            "properties": _properties(
                (("kind", component.kind.value), ("owner", component.owner), *component.properties)
            ),
        }
        if self._spec == "1.7" and _is_external(component):
            written["isExternal"] = True
        return _without_empty(written)

    def _pedigree(self, component: Component, bases: Any) -> dict[str, Any]:
        known = [self._refs[b] for b in bases if b in self._refs]
        if not known:
            return {}
        ancestors = [
            _without_empty(
                {
                    "type": _TYPES[b.kind],
                    "name": b.name or "unnamed",
                    "version": b.version[:1000],
                    "purl": b.purl,
                }
            )
            for b in known
        ]
        places = (f"{b.name} ({', '.join(str(p) for p in b.seen_at[:5])})" for b in known)
        return {"ancestors": ancestors, "notes": f"As stated in the tree: {'; '.join(places)}."}


def _is_external(component: Component) -> bool:
    """A model that is neither in the tree nor the base of one that is: something else runs it."""
    where = dict(component.properties).get("where", "")
    return component.kind is ComponentKind.MODEL and not component.files and where.startswith("behind ")


def _file(entry: FileEntry) -> dict[str, Any]:
    return _without_empty(
        {
            "type": "file",
            "bom-ref": f"file:{entry.path}",
            "name": entry.path,
            "hashes": [{"alg": "SHA-256", "content": entry.sha256}] if entry.sha256 else [],
            "properties": _properties((("size", str(entry.size)),)),
        }
    )


def _hashes(hashes: tuple[Hash, ...]) -> list[dict[str, str]]:
    return [
        {"alg": _ALGORITHMS[h.algorithm], "content": h.value} for h in hashes if h.algorithm in _ALGORITHMS
    ]


def _licences(found: tuple[Licence, ...]) -> list[dict[str, Any]]:
    """One expression, or a list of ids and names: the format allows no mixture before 1.7."""
    if len(found) == 1 and not _is_id(found[0]) and found[0].expression:
        return [{"expression": found[0].expression, "acknowledgement": "declared"}]
    key = {True: "id", False: "name"}
    return [
        {"license": {key[_is_id(one)]: one.expression or one.name, "acknowledgement": "declared"}}
        for one in found
    ]


def _is_id(licence: Licence) -> bool:
    """Whether the expression is a plain SPDX id, which alone may stand under `id`."""
    text = licence.expression
    return bool(text) and " " not in text and not text.endswith("+") and not text.startswith("LicenseRef-")


def _references(component: Component, described: Any) -> list[dict[str, Any]]:
    cards = {f"file:{d.path}" for d in component.card.documents} if component.card is not None else set()
    found: list[dict[str, Any]] = [
        {"type": "model-card" if ref in cards else "configuration", "url": iri(ref.removeprefix("file:"))}
        for ref in described
    ]
    if component.url:
        kind = "vcs" if component.kind is ComponentKind.PACKAGE else "website"
        found.append({"type": kind, "url": iri(component.url)})
    for artefact in component.artefacts:
        hashes = _hashes(artefact.hashes)
        one = {"type": "distribution", "url": iri(artefact.url)}
        found.append({**one, "hashes": hashes} if hashes else one)
    return found


def _evidence(seen_at: tuple[Location, ...]) -> dict[str, Any]:
    occurrences = [
        _without_empty({"location": at.path, "line": at.line or None}) for at in seen_at if at.path
    ]
    return {"occurrences": occurrences} if occurrences else {}


def _properties(found: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": f"{PREFIX}{name}", "value": value} for name, value in found if value]


def _service(service: Service) -> dict[str, Any]:
    written: dict[str, Any] = {
        "bom-ref": service.ref,
        "name": service.name or "unnamed",
        "version": service.version[:1000],
        "description": service.kind,
        "endpoints": list(dict.fromkeys(iri(e) for e in service.endpoints)),
        "authenticated": service.authenticated,
        "x-trust-boundary": service.crosses_boundary,
        "properties": _properties(
            (
                ("owner", service.owner),
                *service.properties,
                *(("seen-at", str(at)) for at in service.seen_at),
            )
        ),
    }
    return {k: v for k, v in written.items() if v not in ("", None, [])}
