"""The same for SPDX: ids that are unique and lead somewhere, relations between classes that can have them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

__all__ = ["spdx_problems"]

_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = frozenset("0123456789abcdef")
_ONE = ("from", "suppliedBy", "software_snippetFromFile", "creationInfo")
_MANY = ("to", "element", "rootElement", "createdBy", "createdUsing")
_ENDS: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "trainedOn": ({"ai_AIPackage"}, {"dataset_DatasetPackage"}),
    "descendantOf": ({"ai_AIPackage"}, {"ai_AIPackage"}),
    "hasDocumentation": (None, {"software_File"}),
    "hasDeclaredLicense": (None, {"simplelicensing_LicenseExpression"}),
}
"""Relationship → classes it may lead from and to; None allows any."""
_PACKAGES = frozenset({"software_Package", "ai_AIPackage", "dataset_DatasetPackage"})


def spdx_problems(document: dict[str, Any]) -> Iterator[str]:
    """Every broken rule, in words."""
    graph = document["@graph"]
    ids = Counter(e.get("spdxId") or e.get("@id") for e in graph)
    known = {e.get("spdxId") or e.get("@id"): e for e in graph}
    yield from (f"id `{one}` stands {n} times" for one, n in ids.items() if n > 1)
    for element in graph:
        yield from _element(element, known)
    yield from _unlisted(graph)
    yield from _contents(graph, known)


def _element(element: dict[str, Any], known: dict[Any, Any]) -> Iterator[str]:
    own = element.get("spdxId") or element.get("@id")
    targets = [element[k] for k in _ONE if k in element]
    targets += [one for k in _MANY for one in element.get(k, [])]
    targets += [e["value"] for e in element.get("simplelicensing_customIdToUri", [])]
    yield from (f"`{own}` names `{t}`, which is no element of the bill" for t in targets if t not in known)
    for one in element.get("verifiedUsing", []):
        if _LENGTHS.get(one["algorithm"]) != len(one["hashValue"]) or not _HEX.issuperset(one["hashValue"]):
            yield f"a digest of `{own}` is no {one['algorithm']}: {one['hashValue'][:20]}"
    if element["type"] == "Relationship":
        yield from _ends(element, known)


def _ends(relation: dict[str, Any], known: dict[Any, Any]) -> Iterator[str]:
    sources, targets = _ENDS.get(relation["relationshipType"], (None, None))
    kind = relation["relationshipType"]
    if sources is not None and known.get(relation["from"], {}).get("type") not in sources:
        yield f"`{relation['from']}` cannot be the source of {kind}"
    for target in relation["to"]:
        if targets is not None and known.get(target, {}).get("type") not in targets:
            yield f"`{target}` cannot be the target of {kind}"


def _unlisted(graph: list[dict[str, Any]]) -> Iterator[str]:
    """Elements that the document does not list."""
    documents = [e for e in graph if e["type"] == "SpdxDocument"]
    listed = {one for d in documents for one in d.get("element", [])}
    for element in graph:
        if element["type"] not in ("SpdxDocument", "CreationInfo") and element["spdxId"] not in listed:
            yield f"`{element['spdxId']}` is not listed by the document"


def _contents(graph: list[dict[str, Any]], known: dict[Any, Any]) -> Iterator[str]:
    """A package whose content is one file has that file's digest."""
    holds: dict[str, list[str]] = defaultdict(list)
    for relation in (e for e in graph if e["type"] == "Relationship"):
        source = known.get(relation["from"], {})
        if relation["relationshipType"] in ("contains", "hasDataFile") and source.get("type") in _PACKAGES:
            files = [t for t in relation["to"] if known.get(t, {}).get("type") == "software_File"]
            holds[relation["from"]] += files
    for package, files in holds.items():
        told = known[package].get("verifiedUsing", [])
        if len(files) == 1 and told and told != known[files[0]].get("verifiedUsing", []):
            yield f"`{package}` and its only file `{files[0]}` have different digests"
