"""Model cards in CycloneDX, each statement with the place where it was read."""

from collections.abc import Iterable, Iterator
from typing import Any

from assaymark.bom import Bom, Component, ComponentKind, ModelCard, Stated

__all__ = ["citations", "model_card"]


def model_card(component: Component, datasets: Iterable[str]) -> dict[str, Any]:
    """`modelCard` of a model, or nothing where the tree states nothing of it."""
    card = component.card or ModelCard()
    if component.kind is not ComponentKind.MODEL:
        return {}
    parts = {
        "modelParameters": _parameters(card, datasets),
        "quantitativeAnalysis": _analysis(card),
        "considerations": _considerations(card),
    }
    found: dict[str, Any] = {k: v for k, v in parts.items() if v}
    told = [*_prose(card), *_places(card)]
    if found and told:
        found["properties"] = [{"name": f"assaymark:{n}", "value": v} for n, v in told]
    return found


def _parameters(card: ModelCard, datasets: Iterable[str]) -> dict[str, Any]:
    one = {"task": card.task, "architectureFamily": card.family, "modelArchitecture": card.architecture}
    found: dict[str, Any] = {k: v.text for k, v in one.items() if v is not None}
    lists = {
        "datasets": [{"ref": ref} for ref in datasets],
        "inputs": [{"format": s.text} for s in card.inputs],
        "outputs": [{"format": s.text} for s in card.outputs],
    }
    return {**found, **{k: v for k, v in lists.items() if v}}


def _analysis(card: ModelCard) -> dict[str, Any]:
    metrics = []
    for metric in card.metrics:
        one = {"type": metric.name, "value": metric.value}
        metrics.append({**one, "slice": metric.dataset} if metric.dataset else one)
    return {"performanceMetrics": metrics} if metrics else {}


def _considerations(card: ModelCard) -> dict[str, Any]:
    found: dict[str, list[Any]] = {
        "users": [s.text for s in card.users],
        "useCases": [s.text for s in card.use_cases],
        "technicalLimitations": [s.text for s in card.limitations],
        "ethicalConsiderations": [{"name": s.text} for s in card.ethics],
    }
    return {k: v for k, v in found.items() if v}


def _prose(card: ModelCard) -> Iterator[tuple[str, str]]:
    """What a card says and the format has no field for."""
    sections = {"prohibited-use": card.prohibited, "training": card.training, "evaluation": card.evaluation}
    for name, said in sections.items():
        yield from ((name, s.text) for s in said)


def _places(card: ModelCard) -> Iterator[tuple[str, str]]:
    """For each statement, its field and the place where it stands."""
    for field, said in _fields(card):
        yield from ((f"read-at:{field}", str(place)) for place in dict.fromkeys(s.at for s in said))
    for place in dict.fromkeys(m.at for m in card.metrics):
        yield "read-at:performanceMetrics", str(place)
    for name, said in (("prohibited-use", card.prohibited), ("training", card.training),
                       ("evaluation", card.evaluation)):  # fmt: skip
        yield from ((f"read-at:{name}", str(place)) for place in dict.fromkeys(s.at for s in said))


def _fields(card: ModelCard) -> Iterator[tuple[str, tuple[Stated, ...]]]:
    for field, one in (("task", card.task), ("architectureFamily", card.family),
                       ("modelArchitecture", card.architecture)):  # fmt: skip
        if one is not None:
            yield field, (one,)
    yield "inputs", card.inputs
    yield "outputs", card.outputs
    yield "users", card.users
    yield "useCases", card.use_cases
    yield "technicalLimitations", card.limitations
    yield "ethicalConsiderations", card.ethics


def citations(bom: Bom, components: list[dict[str, Any]], timestamp: str) -> list[dict[str, Any]]:
    """For CycloneDX 1.7: which file says what stands at each place of a model card."""
    files = {f"file:{f.path}" for f in bom.files}
    cards = {c.ref: c.card for c in bom.components if c.card is not None}
    found = []
    for number, written in enumerate(components):
        card = cards.get(written["bom-ref"])
        for field, said in _cited(card) if card is not None and "modelCard" in written else ():
            pointer = f"/components/{number}/modelCard/{field}"
            for source in sorted({f"file:{s.at.path}" for s in said} & files):
                lines = ", ".join(str(s.at.line) for s in said if f"file:{s.at.path}" == source and s.at.line)
                one = {"pointers": [pointer], "timestamp": timestamp, "attributedTo": source}
                found.append({**one, "note": f"line {lines}"} if lines else one)
    return found


_GROUPS = {"task": "modelParameters", "architectureFamily": "modelParameters", "inputs": "modelParameters",
           "modelArchitecture": "modelParameters", "outputs": "modelParameters"}  # fmt: skip


def _cited(card: ModelCard) -> Iterator[tuple[str, tuple[Stated, ...]]]:
    for field, said in _fields(card):
        if said:
            yield f"{_GROUPS.get(field, 'considerations')}/{field}", said
    if card.metrics:
        yield "quantitativeAnalysis/performanceMetrics", tuple(Stated(m.name, m.at) for m in card.metrics)
