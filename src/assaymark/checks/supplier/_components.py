"""External components of a system, which of them are poorly secured, and what speaks of them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import Document, HubReference, LlmCall, ModelFile, Register
from assaymark.scan.paths import is_example_path, is_test_path
from assaymark.system.system import System

__all__ = ["Component", "external", "poor", "risk_for", "spoken_of"]

_LOCAL = {"transformers", "ollama", "vllm", "llama-cpp", "llama-cpp-python", "sentence-transformers"}
"""Clients that run a model here: no provider stands behind them."""


class Component(Struct, frozen=True, order=True):
    """A model, data set or service that comes from somebody else."""

    name: str
    kind: str
    """model, dataset, provider."""
    at: Location
    fault: str = ""
    """What makes it poorly secured or documented, as far as the tree shows; empty if nothing does."""


def external(calls: Sequence[LlmCall], references: Sequence[HubReference]) -> tuple[Component, ...]:
    """Providers, models and data sets that the product's code takes from outside, each once."""
    found: dict[str, Component] = {}
    for call in calls:
        if call.client not in _LOCAL and not _aside(call.at):
            found.setdefault(call.client, Component(call.client, "provider", call.at))
    for reference in references:
        outside = reference.name and not reference.local and reference.kind in ("model", "dataset")
        if outside and not _aside(reference.at):
            found.setdefault(reference.name, Component(reference.name, reference.kind, reference.at))
    return tuple(sorted(found.values()))


def poor(models: Sequence[ModelFile], references: Sequence[HubReference]) -> tuple[Component, ...]:
    """Components that the tree shows to be poorly secured: files that run code, remote code trusted."""
    faults = [
        Component(m.at.path, "model", m.at, f"its format ({m.format}) can run code when loaded")
        for m in models
        if m.runs_code and not _aside(m.at)
    ]
    faults += [
        Component(r.name, r.kind, r.at, "its repository's own code is run when it is loaded")
        for r in references
        if r.remote_code and r.name and not r.local and not _aside(r.at)
    ]
    return tuple(sorted({c.name: c for c in faults}.values()))


def spoken_of(
    component: Component, documents: Iterable[Document], registers: Iterable[Register]
) -> Iterator[Location]:
    """Where a register's row, a document's title, heading, version or file name names the component."""
    wanted = _words(component.name)
    for register in registers:
        if any(wanted <= _words(" ".join(row)) for row in register.rows):
            yield register.at
    for document in documents:
        texts = (document.title, document.at.path, *document.versions, *(s.title for s in document.sections))
        if any(wanted <= _words(text) for text in texts):
            yield document.at


def risk_for(component: Component, system: System, today: str) -> str:
    """Id of an accepted risk that names the component and has not ended; empty if there is none."""
    wanted = _words(component.name)
    for risk in system.accepted_risks:
        if risk.until >= today and wanted <= _words(f"{risk.component} {risk.risk}"):
            return risk.id
    return ""


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.casefold()))


def _aside(at: Location) -> bool:
    return is_test_path(at.path) or is_example_path(at.path)
