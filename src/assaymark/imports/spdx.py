"""SPDX bills of materials: 2.2 and 2.3 as JSON, 3.0.1 as JSON-LD.

Compared and bound as CycloneDX bills are (see `cyclonedx`): packages by package URL and version, files,
models and data sets by SHA-256. In 2.x the purl is an `externalRefs` entry of type `purl`; in 3.0.1 it is
`software_packageUrl` or an external identifier, digests stand in `verifiedUsing`.
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.parts import MAX_PARTS, Named, archives_of, bom_info, bom_statement, part_of
from assaymark.imports.reading import json_object, listed, mapping, words
from assaymark.imports.report import ImportedReport, Tested

__all__ = ["IMPORTER"]

_VERSIONS = ("SPDX-2.2", "SPDX-2.3")
_KINDS = {
    "software_Package": "package",
    "ai_AIPackage": "model",
    "dataset_DatasetPackage": "file",
    "software_File": "file",
}
_NEEDS = {"DEPENDS_ON", "DEPENDENCY_OF", "CONTAINS", "CONTAINED_BY", "dependsOn", "contains", "hasDataFile"}
_NEEDS |= {"trainedOn", "descendantOf"}
_SOURCE = re.compile(r"git commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)\Z")


def _recognise(head: bytes, _: str) -> bool:
    old = re.search(rb'(?<!\\)"spdxVersion"\s*:\s*"SPDX-2\.', head)
    new = re.search(rb'(?<!\\)"@context"\s*:\s*\[?\s*"https://spdx\.org/rdf/3\.', head)
    return bool(old or new)


def _read(data: bytes, name: str) -> ImportedReport:
    document = json_object(data, name)
    if "@graph" in document:
        return _three(document, name)
    version = words(document.get("spdxVersion"), 20)
    if not version.startswith("SPDX-"):
        raise UsageError(f"{name} is no SPDX bill.", "Give the file that the tool wrote, as JSON or JSON-LD.")
    problems = (
        [] if version in _VERSIONS else [f"{name} is {version}; SPDX-2.2, SPDX-2.3 and 3.0.1 are read."]
    )
    creation = mapping(document.get("creationInfo"))
    creators = [words(c, 200) for c in listed(creation.get("creators"))]
    tool = next((c.removeprefix("Tool:").strip() for c in creators if c.startswith("Tool:")), "")
    plain, dash, number = tool.rpartition("-")
    numbered = bool(dash) and number[:1].isdigit()
    return _report(
        [_named_two(p, "package") for p in listed(document.get("packages"))]
        + [_named_two(f, "file") for f in listed(document.get("files"))],
        [mapping(r).get("relationshipType") for r in listed(document.get("relationships"))],
        tool=(plain if numbered else tool, number if numbered else ""),
        made_at=words(creation.get("created"), 40),
        problems=problems,
        name=name,
    )


def _report(
    found: list[Named],
    relations: list[Any],
    *,
    tool: tuple[str, str],
    made_at: str,
    problems: list[str],
    name: str,
    commits: tuple[Tested, ...] = (),
) -> ImportedReport:
    if len(found) > MAX_PARTS:
        problems.append(f"{name} lists more than {MAX_PARTS:,} parts; the rest was not read.")
    parts = dict.fromkeys(p for n in found[:MAX_PARTS] if (p := part_of(n)) is not None)
    archives = dict.fromkeys(a for n in found[:MAX_PARTS] for a in archives_of(n))
    links = sum(isinstance(r, str) and r in _NEEDS for r in relations)
    return ImportedReport(
        importer=INFO.id,
        tool=tool[0] or "an unnamed tool",
        tool_version=tool[1],
        made_at=made_at,
        tested=(*commits, *parts, *archives),
        statements=(bom_statement(parts, links),),
        lists_parts=True,
        problems=tuple(problems),
    )


def _named_two(raw: Any, kind: str) -> Named:
    """A package or file of SPDX 2.x."""
    one = mapping(raw)
    digests = {
        words(mapping(c).get("algorithm"), 20): words(mapping(c).get("checksumValue"), 200)
        for c in listed(one.get("checksums"))
    }
    references = [mapping(r) for r in listed(one.get("externalRefs"))]
    purls = [words(r.get("referenceLocator"), 1_000) for r in references if r.get("referenceType") == "purl"]
    image = one.get("primaryPackagePurpose") == "CONTAINER"
    return Named(
        kind="image" if image else kind,
        name=words(one.get("name") or one.get("fileName")).removeprefix("./"),
        version=words(one.get("versionInfo"), 200),
        purl=purls[0] if purls else "",
        sha256=digests.get("SHA256", ""),
    )


def _three(document: dict[str, Any], name: str) -> ImportedReport:
    graph = [mapping(e) for e in listed(document.get("@graph"))]
    creation = next((e for e in graph if e.get("type") == "CreationInfo"), {})
    version = words(creation.get("specVersion"), 20)
    tools = [words(e.get("name"), 200) for e in graph if e.get("type") == "Tool"]
    plain, space, number = (tools[0] if tools else "").rpartition(" ")
    roots = {r for e in graph if e.get("type") == "software_Sbom" for r in _ids(e.get("rootElement"))}
    return _report(
        [
            _named_three(e, _KINDS[words(e.get("type"), 100)])
            for e in graph
            if words(e.get("type"), 100) in _KINDS and words(e.get("spdxId"), 1_000) not in roots
        ],
        [e.get("relationshipType") for e in graph if e.get("type") == "Relationship"],
        tool=(plain, number) if space and number[:1].isdigit() else (tools[0] if tools else "", ""),
        made_at=words(creation.get("created"), 40),
        problems=[] if version.startswith("3.0") else [f"{name} is SPDX {version or '3'}; 3.0.1 is read."],
        name=name,
        commits=tuple(_commits(graph, roots)),
    )


def _ids(value: Any) -> list[str]:
    return [found for v in listed(value) if (found := words(v, 1_000))]


def _commits(graph: list[dict[str, Any]], roots: set[str]) -> Iterator[Tested]:
    for element in graph:
        if words(element.get("spdxId"), 1_000) in roots:
            found = _SOURCE.match(words(element.get("software_sourceInfo"), 200))
            if found:
                yield Tested("commit", "", found[1])


def _named_three(element: dict[str, Any], kind: str) -> Named:
    digests = {
        words(mapping(h).get("algorithm"), 20): words(mapping(h).get("hashValue"), 200)
        for h in listed(element.get("verifiedUsing"))
    }
    identifiers = [
        words(mapping(i).get("identifier"), 1_000)
        for i in listed(element.get("externalIdentifier"))
        if mapping(i).get("externalIdentifierType") == "packageUrl"
    ]
    return Named(
        kind="image" if element.get("software_primaryPurpose") == "container" else kind,
        name=words(element.get("name")).removeprefix("./"),
        version=words(element.get("software_packageVersion"), 200),
        purl=words(element.get("software_packageUrl"), 1_000) or next(iter(identifiers), ""),
        sha256=digests.get("sha256", ""),
    )


INFO = bom_info("import_spdx", "An SPDX bill of materials by another tool agrees with what is there.")

IMPORTER = Importer(
    format="spdx",
    reads="SPDX 2.2, 2.3 (JSON) and 3.0.1 (JSON-LD)",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""
