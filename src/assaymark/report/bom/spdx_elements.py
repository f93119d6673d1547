"""Components, services and files as SPDX elements."""

from collections.abc import Iterator
from typing import Any

from assaymark.asset import FileEntry
from assaymark.bom import Component, ComponentKind, DataSheet, Hash, ModelCard, Service, Stated
from assaymark.report.bom.spdx_names import Names
from assaymark.report.bom.text import iri

__all__ = ["component_element", "file_element", "service_element"]

_CLASSES = {
    ComponentKind.MODEL: ("ai_AIPackage", "model"),
    ComponentKind.DATA: ("dataset_DatasetPackage", "data"),
    ComponentKind.PROMPT: ("software_Package", "configuration"),
    ComponentKind.PACKAGE: ("software_Package", "library"),
    ComponentKind.CONTAINER: ("software_Package", "container"),
    ComponentKind.TOOL: ("software_Package", "module"),
}
_DATA_TYPES = {"csv": "structured", "tsv": "structured", "parquet": "structured", "arrow": "structured",
               "sqlite": "structured", "jsonl": "structured", "image-folder": "image"}  # fmt: skip
_IN_CODE = frozenset({ComponentKind.PROMPT, ComponentKind.TOOL})


def file_element(entry: FileEntry, names: Names) -> dict[str, Any]:
    """A regular file with its digest."""
    element: dict[str, Any] = {
        "type": "software_File",
        "spdxId": names.of(f"file:{entry.path}"),
        "name": entry.path,
        "software_fileKind": "file",
        "comment": f"{entry.size} bytes",
    }
    if entry.sha256:
        element["verifiedUsing"] = _hashes((Hash("sha256", entry.sha256),))
    return element


def service_element(service: Service, names: Names) -> dict[str, Any]:
    """A service: SPDX 3.0 has no class for one, so it is a package whose comment says what it is."""
    authenticated = {True: "yes", False: "no", None: ""}[service.authenticated]
    crosses = {True: "yes", False: "no", None: ""}[service.crosses_boundary]
    facts = (
        ("Service", service.kind),
        ("endpoints", ", ".join(service.endpoints)),
        ("authenticated", authenticated),
        ("crosses the trust boundary", crosses),
        ("owner", service.owner),
        *service.properties,
        ("seen at", ", ".join(map(str, service.seen_at))),
    )
    element = {
        "type": "software_Package",
        "spdxId": names.of(service.ref),
        "name": service.name or "unnamed",
        "software_packageVersion": service.version,
        "software_primaryPurpose": "other",
        "comment": _comment(facts),
    }
    return {k: v for k, v in element.items() if v}


def component_element(component: Component, names: Names, files: set[str]) -> dict[str, Any]:
    """A component by its kind; a prompt or tool within a file is a snippet of it."""
    if component.kind in _IN_CODE and not component.files and _host(component) in files:
        return _snippet(component, names)
    kind, purpose = _CLASSES[component.kind]
    element: dict[str, Any] = {
        "type": kind,
        "spdxId": names.of(component.ref),
        "name": component.name or "unnamed",
        "description": component.description,
        "software_packageVersion": component.version,
        "software_primaryPurpose": purpose,
        "software_packageUrl": component.purl,
        "software_downloadLocation": _download(component),
        "suppliedBy": names.organisation(component.supplier),
        "verifiedUsing": _hashes(component.hashes),
        "externalRef": _other_artefacts(component),
        "comment": _comment(_facts(component)),
        **_model(component),
        **_data(component),
    }
    return {k: v for k, v in element.items() if v}


def _host(component: Component) -> str:
    return component.seen_at[0].path if component.seen_at else ""


def _snippet(component: Component, names: Names) -> dict[str, Any]:
    at = component.seen_at[0]
    element: dict[str, Any] = {
        "type": "software_Snippet",
        "spdxId": names.of(component.ref),
        "name": component.name or "unnamed",
        "software_primaryPurpose": _CLASSES[component.kind][1],
        "software_snippetFromFile": names.of(f"file:{at.path}"),
        "verifiedUsing": _hashes(component.hashes),
        "comment": _comment(_facts(component)),
    }
    if at.line:
        last = max(at.line, at.end_line)
        ends = {"beginIntegerRange": at.line, "endIntegerRange": last}
        element["software_lineRange"] = {"type": "PositiveIntegerRange", **ends}
    return {k: v for k, v in element.items() if v}


def _hashes(hashes: tuple[Hash, ...]) -> list[dict[str, str]]:
    return [{"type": "Hash", "algorithm": h.algorithm, "hashValue": h.value} for h in hashes]


def _download(component: Component) -> str:
    if component.url:
        return iri(component.url)
    return iri(component.artefacts[0].url) if len(component.artefacts) == 1 else ""


def _other_artefacts(component: Component) -> list[dict[str, Any]]:
    """Each file by which a package can be had, its digests in the comment: SPDX has no better place."""
    return [
        {
            "type": "ExternalRef",
            "externalRefType": "altDownloadLocation",
            "locator": [iri(one.url)],
            "comment": " ".join(f"{h.algorithm}:{h.value}" for h in one.hashes) or "no digest",
        }
        for one in component.artefacts
    ]


def _facts(component: Component) -> Iterator[tuple[str, str]]:
    yield "kind", component.kind.value
    yield "owner", component.owner
    yield from component.properties
    if component.data is not None:
        yield "custodians", ", ".join(component.data.custodians)
        yield "classification", component.data.classification
        yield "obtained", component.data.obtained
        yield "records", str(component.data.rows or "")
        yield "columns", ", ".join(component.data.columns)
        yield "sensitive", ", ".join(component.data.sensitive)
    if component.card is not None:
        yield from _card_facts(component.card)
    yield "seen at", ", ".join(map(str, component.seen_at))


def _card_facts(card: ModelCard) -> Iterator[tuple[str, str]]:
    """What the AI profile has no field for, and where each statement stands."""
    if card.task is not None:
        yield "task", f"{card.task.text} ({card.task.at})"
    for name, said in (("inputs", card.inputs), ("outputs", card.outputs), ("users", card.users),
                       ("ethics", card.ethics), ("prohibited use", card.prohibited)):  # fmt: skip
        yield name, "; ".join(f"{s.text} ({s.at})" for s in said)
    for name, said in (("limitations", card.limitations), ("training", card.training),
                       ("use cases", card.use_cases)):  # fmt: skip
        yield f"{name} read at", ", ".join(dict.fromkeys(str(s.at) for s in said))
    yield "metrics read at", ", ".join(dict.fromkeys(str(m.at) for m in card.metrics))


def _comment(facts: Any) -> str:
    return "\n".join(f"{name}: {value}" for name, value in facts if value)


def _joined(said: tuple[Stated, ...]) -> str:
    return "\n".join(s.text for s in said)


def _model(component: Component) -> dict[str, Any]:
    card = component.card
    if component.kind is not ComponentKind.MODEL or card is None:
        return {}
    kinds = dict.fromkeys(s.text for s in (card.family, card.architecture) if s is not None)
    return {
        "ai_typeOfModel": list(kinds),
        "ai_limitation": _joined(card.limitations),
        "ai_informationAboutTraining": _joined(card.training),
        "ai_informationAboutApplication": _joined(card.use_cases),
        "ai_metric": [
            {
                "type": "DictionaryEntry",
                "key": m.name,
                "value": f"{m.value} ({m.dataset})" if m.dataset else m.value,
            }
            for m in card.metrics
        ],
    }


def _data(component: Component) -> dict[str, Any]:
    if component.kind is not ComponentKind.DATA:
        return {}
    sheet = component.data or DataSheet()
    size = dict(component.properties).get("size", "")
    return {
        "dataset_datasetType": [_DATA_TYPES.get(sheet.format, "noAssertion")],
        "dataset_datasetSize": int(size) if size.isdigit() else 0,
        "dataset_intendedUse": sheet.use,
        "dataset_dataCollectionProcess": f"Obtained from {sheet.source}." if sheet.source else "",
        "dataset_hasSensitivePersonalInformation": "yes" if sheet.sensitive else "noAssertion",
        "dataset_confidentialityLevel": "clear" if sheet.classification.lower() == "public" else "",
    }
