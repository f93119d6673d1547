"""What no schema validator sees: that every id, reference, pointer and digest of a bill leads somewhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from assaymark.report.bom.integrity_spdx import spdx_problems

__all__ = ["problems_of"]

_LENGTHS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
_OWN_FILES = ("model-card", "configuration")
"""Kinds of reference that we only make to files of the tree."""
_HEX = frozenset("0123456789abcdef")


def problems_of(document: dict[str, Any], further: Iterable[str] = ()) -> tuple[str, ...]:
    """Every broken rule of a CycloneDX or SPDX document, in words; empty if it is whole.

    Args:
        document: the bill.
        further: references that other parts of the document define, beside components and services.
    """
    if "@graph" in document:
        return tuple(spdx_problems(document))
    return tuple(_problems(document, further))


def _problems(document: dict[str, Any], further: Iterable[str]) -> Iterator[str]:
    components = list(_components(document))
    services = document.get("services", [])
    system = document["metadata"]["component"]
    refs = Counter((*(c["bom-ref"] for c in (system, *components, *services)), *further))
    yield from (f"bom-ref `{ref}` stands {n} times" for ref, n in refs.items() if n > 1)
    yield from _references(document, refs)
    names = {(c["type"], c["name"]) for c in components}
    for component in components:
        yield from _component(component, refs, names)
    yield from _citations(document, refs)


def _components(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for component in document.get("components", []):
        yield component
        yield from component.get("components", [])


def _references(document: dict[str, Any], refs: Iterable[str]) -> Iterator[str]:
    dependencies = document.get("dependencies", [])
    listed = Counter(d["ref"] for d in dependencies)
    yield from (f"the dependencies of `{ref}` stand {n} times" for ref, n in listed.items() if n > 1)
    for dependency in dependencies:
        for ref in (dependency["ref"], *dependency.get("dependsOn", [])):
            if ref not in refs:
                yield f"a dependency names `{ref}`, which is no part of the bill"
    for composition in document.get("compositions", []):
        for ref in composition.get("assemblies", []):
            if ref not in refs:
                yield f"a composition names `{ref}`, which is no part of the bill"


def _component(component: dict[str, Any], refs: Iterable[str], names: set[tuple[str, str]]) -> Iterator[str]:
    ref = component["bom-ref"]
    yield from _digests(component, ref)
    for dataset in component.get("modelCard", {}).get("modelParameters", {}).get("datasets", []):
        if dataset["ref"] not in refs:
            yield f"the card of `{ref}` names the data set `{dataset['ref']}`, which is no part of the bill"
    for occurrence in component.get("evidence", {}).get("occurrences", []):
        if ("file", occurrence["location"]) not in names:
            yield f"`{ref}` was seen at `{occurrence['location']}`, which is no file of the bill"
    for reference in component.get("externalReferences", []):
        if reference["type"] in _OWN_FILES and ("file", unquote(reference["url"])) not in names:
            yield f"`{ref}` is described by `{reference['url']}`, which is no file of the bill"
    inner = component.get("components", [])
    if len(inner) == 1 and component.get("hashes", []) != inner[0].get("hashes", []):
        yield f"`{ref}` and its only file `{inner[0]['name']}` have different digests"
    for ancestor in component.get("pedigree", {}).get("ancestors", []):
        if (ancestor["type"], ancestor["name"]) not in names:
            yield f"the ancestor `{ancestor['name']}` of `{ref}` is no part of the bill"


def _digests(component: dict[str, Any], ref: str) -> Iterator[str]:
    listed = list(component.get("hashes", []))
    for reference in component.get("externalReferences", []):
        listed += reference.get("hashes", [])
    for one in listed:
        if _LENGTHS.get(one["alg"]) != len(one["content"]) or not _HEX.issuperset(one["content"]):
            yield f"a digest of `{ref}` is no {one['alg']}: {one['content'][:20]}"


def _citations(document: dict[str, Any], refs: Iterable[str]) -> Iterator[str]:
    for citation in document.get("citations", []):
        if citation["attributedTo"] not in refs:
            yield f"a citation names `{citation['attributedTo']}`, which is no part of the bill"
        for pointer in citation["pointers"]:
            if not _leads_somewhere(document, pointer):
                yield f"the citation {pointer} points at nothing"


def _leads_somewhere(document: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        if isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return False
    return True
