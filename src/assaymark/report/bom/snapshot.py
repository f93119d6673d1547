"""A bill of ours, in whichever format and edition it was written → what can be compared."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.report.bom.spdx_names import ref_of

__all__ = ["Item", "Snapshot", "read_snapshot", "snapshot_of"]

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_SPDX_KINDS = frozenset(
    {"software_Package", "ai_AIPackage", "dataset_DatasetPackage", "software_Snippet", "software_File"}
)
_WHAT = "Name a file that `assaymark bom` wrote, as CycloneDX or SPDX."


class Item(Struct, frozen=True):
    """A part as far as two bills can be compared."""

    name: str
    version: str = ""
    hashes: frozenset[str] = frozenset()
    """`algorithm:value`, of the part and of the files by which it can be had."""
    licences: frozenset[str] = frozenset()


class Snapshot(Struct, frozen=True):
    """Everything in one bill."""

    items: dict[str, Item]
    """By ref; files are `file:PATH`."""
    needs: frozenset[tuple[str, str]]
    """What needs what, by ref."""
    time: str = ""
    name: str = ""


def read_snapshot(data: bytes, path: str) -> Snapshot:
    """The bill in `data`.

    Raises:
        UsageError: it is no bill that Assaymark wrote.
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON.", _WHAT) from error
    try:
        return snapshot_of(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{path} is no bill of materials of ours.", _WHAT) from error


def snapshot_of(document: Any) -> Snapshot:
    """The bill in a parsed document; a KeyError, TypeError, AttributeError or ValueError if it is none."""
    if "@graph" in document:
        return _spdx(document["@graph"])
    if document["bomFormat"] != "CycloneDX":
        raise ValueError(document["bomFormat"])
    return _cyclonedx(document)


def _cyclonedx(document: dict[str, Any]) -> Snapshot:
    items = {}
    for component in document.get("components", []):
        for one in (component, *component.get("components", [])):
            items[one["bom-ref"]] = _cyclonedx_item(one)
    for service in document.get("services", []):
        items[service["bom-ref"]] = Item(service["name"], service.get("version", ""))
    pairs = {(d["ref"], t) for d in document.get("dependencies", []) for t in d.get("dependsOn", [])}
    metadata = document["metadata"]
    return Snapshot(items, frozenset(pairs), metadata.get("timestamp", ""), metadata["component"]["name"])


def _cyclonedx_item(one: dict[str, Any]) -> Item:
    listed = list(one.get("hashes", []))
    for reference in one.get("externalReferences", []):
        listed += reference.get("hashes", [])
    hashes = frozenset(f"{_ALGORITHMS[h['alg']]}:{h['content']}" for h in listed)
    return Item(one["name"], one.get("version", ""), hashes, frozenset(_licences(one.get("licenses", []))))


def _licences(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    for one in found:
        licence = one.get("license", {})
        yield one.get("expression") or licence.get("id") or licence["name"]


_SPDX_NEEDS = frozenset({"dependsOn", "hasDataFile", "descendantOf", "trainedOn"})


def _spdx(graph: list[dict[str, Any]]) -> Snapshot:
    licences = _spdx_licences(graph)
    declared: dict[str, frozenset[str]] = {}
    pairs = set()
    for relation in (e for e in graph if e["type"] == "Relationship"):
        if relation["relationshipType"] == "hasDeclaredLicense":
            declared[relation["from"]] = frozenset(licences[t] for t in relation["to"])
        elif relation["relationshipType"] in _SPDX_NEEDS and not _holds(relation):
            pairs |= {(ref_of(relation["from"]), ref_of(t)) for t in relation["to"]}
    items = {
        ref_of(e["spdxId"]): _spdx_item(e, declared.get(e["spdxId"], frozenset()))
        for e in graph
        if e["type"] in _SPDX_KINDS
    }
    system = items.pop("system")
    created = next(e["created"] for e in graph if e["type"] == "CreationInfo")
    return Snapshot(items, frozenset(pairs), created, system.name)


def _holds(relation: dict[str, Any]) -> bool:
    """Whether the relation says which files a data set consists of."""
    return relation["relationshipType"] == "hasDataFile" and ref_of(relation["from"]).startswith("dataset:")


def _spdx_licences(graph: list[dict[str, Any]]) -> dict[str, str]:
    words = {
        e["spdxId"]: e["simplelicensing_licenseText"] for e in graph if "simplelicensing_licenseText" in e
    }
    found = {}
    for element in (e for e in graph if e["type"] == "simplelicensing_LicenseExpression"):
        custom = element.get("simplelicensing_customIdToUri", [])
        text = words[custom[0]["value"]] if custom else element["simplelicensing_licenseExpression"]
        found[element["spdxId"]] = text
    return found


def _spdx_item(element: dict[str, Any], licences: frozenset[str]) -> Item:
    hashes = {f"{h['algorithm']}:{h['hashValue']}" for h in element.get("verifiedUsing", [])}
    for reference in element.get("externalRef", []):
        hashes |= {h for h in reference.get("comment", "").split() if ":" in h}
    return Item(element["name"], element.get("software_packageVersion", ""), frozenset(hashes), licences)
