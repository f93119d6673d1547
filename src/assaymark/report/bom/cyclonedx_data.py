"""Data sets and prompts in CycloneDX: `component.data`, with who owns and keeps them."""

from typing import Any

from assaymark.bom import Component, ComponentKind, DataSheet
from assaymark.report.bom.text import iri

__all__ = ["data_of"]


def data_of(component: Component) -> list[dict[str, Any]]:
    """The one entry of `data` for a data set or prompt; nothing for what is neither."""
    if component.kind is ComponentKind.PROMPT:
        return [{"type": "configuration", "name": component.name}]
    sheet = component.data or DataSheet()
    if component.kind is not ComponentKind.DATA:
        return []
    entry = {
        "type": "dataset",
        "name": component.name,
        "contents": _contents(sheet),
        "classification": sheet.classification,
        "sensitiveData": list(sheet.sensitive),
        "description": _described(sheet),
        "governance": _governance(sheet),
    }
    return [{k: v for k, v in entry.items() if v}]


def _contents(sheet: DataSheet) -> dict[str, Any]:
    """Where the data came from, and what else is known of its shape."""
    facts = {
        "format": sheet.format,
        "columns": ", ".join(sheet.columns),
        "obtained": sheet.obtained,
        "source": "" if _is_address(sheet.source) else sheet.source,
    }
    found: dict[str, Any] = {"url": iri(sheet.source)} if _is_address(sheet.source) else {}
    listed = [{"name": f"assaymark:{k}", "value": v} for k, v in facts.items() if v]
    return {**found, "properties": listed} if listed else found


def _is_address(source: str) -> bool:
    return source.startswith(("https://", "http://")) and " " not in source


def _described(sheet: DataSheet) -> str:
    about = "" if sheet.rows_exact else "about "
    rows = f"{about}{sheet.rows:,} records" if sheet.rows else ""
    columns = f"{len(sheet.columns)} columns" if sheet.columns else ""
    return ", ".join(p for p in (sheet.use, rows, columns) if p)


def _governance(sheet: DataSheet) -> dict[str, Any]:
    people = {"custodians": sheet.custodians, "owners": sheet.owners}
    return {role: [{"contact": {"name": n}} for n in names] for role, names in people.items() if names}
