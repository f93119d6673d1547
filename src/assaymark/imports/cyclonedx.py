"""CycloneDX bills of materials, JSON, versions 1.4 to 1.7 (ECMA-424).

Components are compared with the tree: models and data by SHA-256, packages by package URL and version. A
part that is here in another version makes the bill stale; parts that only one side knows are listed. The
bill's own word on the commit (`pedigree.commits[].uid` of the metadata component, or our own property)
binds it to that. It supports, and never decides, the inventory (5.2.1-1), due diligence (5.1.2-4) and the
supply chain (5.2.3-1).
"""

import re
from collections.abc import Iterator
from typing import Any

from assaymark.errors import UsageError
from assaymark.imports.importer import Importer
from assaymark.imports.parts import MAX_PARTS, Named, archives_of, bom_info, bom_statement, part_of
from assaymark.imports.reading import json_object, listed, mapping, told, words
from assaymark.imports.report import ImportedReport, Tested

__all__ = ["IMPORTER"]

_VERSIONS = ("1.4", "1.5", "1.6", "1.7")
_KINDS = {
    "machine-learning-model": "model",
    "data": "file",
    "file": "file",
    "library": "package",
    "framework": "package",
    "application": "package",
    "container": "image",
}
_COMMIT = "assaymark:commit"


def _recognise(head: bytes, _: str) -> bool:
    return re.search(rb'(?<!\\)"bomFormat"\s*:\s*"CycloneDX"', head) is not None


def _read(data: bytes, name: str) -> ImportedReport:
    bom = json_object(data, name)
    version = words(bom.get("specVersion"), 20)
    if bom.get("bomFormat") != "CycloneDX":
        raise UsageError(f"{name} is no CycloneDX bill.", "Give the file that the tool wrote, as JSON.")
    problems = (
        [] if version in _VERSIONS else [f"{name} is CycloneDX {version or 'of no version'}, not 1.4-1.7."]
    )
    metadata = mapping(bom.get("metadata"))
    found = list(_components(bom))
    if len(found) > MAX_PARTS:
        problems.append(f"{name} lists more than {MAX_PARTS:,} components; the rest was not read.")
    named = [_named(c) for c in found[:MAX_PARTS]]
    parts = dict.fromkeys(p for n in named if (p := part_of(n)) is not None)
    archives = dict.fromkeys(a for n in named for a in archives_of(n))
    flaws = len(listed(bom.get("vulnerabilities")))
    if flaws:
        problems.append(
            f"{name} names {told(flaws, 'vulnerability', 'vulnerabilities')} too; they are not weighed."
        )
    dependencies = [mapping(d) for d in listed(bom.get("dependencies"))]
    tool, tool_version = _tool(metadata)
    return ImportedReport(
        importer=INFO.id,
        tool=tool,
        tool_version=tool_version,
        made_at=words(metadata.get("timestamp"), 40),
        tested=(*_commits(mapping(metadata.get("component"))), *parts, *archives),
        statements=(bom_statement(parts, sum(len(listed(d.get("dependsOn"))) for d in dependencies)),),
        lists_parts=True,
        problems=tuple(problems),
    )


def _components(bom: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component, nested ones too, in the bill's order; one more than are read, to notice that."""
    pending = [mapping(c) for c in reversed(listed(bom.get("components")))]
    count = 0
    while pending and count <= MAX_PARTS:
        component = pending.pop()
        count += 1
        yield component
        pending += [mapping(c) for c in reversed(listed(component.get("components")))]


def _named(component: dict[str, Any]) -> Named:
    references = [mapping(r) for r in listed(component.get("externalReferences"))]
    group, name = words(component.get("group"), 200), words(component.get("name"))
    kind = _KINDS.get(words(component.get("type"), 40), "")
    return Named(
        kind=kind,
        name=f"{group}/{name}" if group and kind == "model" else name,
        version=words(component.get("version"), 200),
        purl=words(component.get("purl"), 1_000),
        sha256=next(_sha256(component), ""),
        archives=tuple(d for r in references if r.get("type") == "distribution" for d in _sha256(r)),
    )


def _sha256(holder: dict[str, Any]) -> Iterator[str]:
    for one in map(mapping, listed(holder.get("hashes"))):
        if one.get("alg") == "SHA-256":
            yield words(one.get("content"), 200)


def _tool(metadata: dict[str, Any]) -> tuple[str, str]:
    """Name and version; a list up to 1.4, an object with `components` since 1.5."""
    tools = metadata.get("tools")
    first = mapping(next(iter(listed(tools) or listed(mapping(tools).get("components"))), None))
    return words(first.get("name"), 100) or "an unnamed tool", words(first.get("version"), 100)


def _commits(component: dict[str, Any]) -> Iterator[Tested]:
    for commit in listed(mapping(component.get("pedigree")).get("commits"))[:1]:
        if uid := words(mapping(commit).get("uid"), 100):
            yield Tested("commit", "", uid)
    for one in map(mapping, listed(component.get("properties"))):
        if one.get("name") == _COMMIT and words(one.get("value"), 100):
            yield Tested("commit", "", words(one.get("value"), 100))


INFO = bom_info(
    "import_cyclonedx", "A CycloneDX bill of materials by another tool agrees with what is there."
)

IMPORTER = Importer(
    format="cyclonedx",
    reads="CycloneDX 1.4-1.7, JSON",
    info=INFO,
    recognise=_recognise,
    read=_read,
)
"""The importer."""
