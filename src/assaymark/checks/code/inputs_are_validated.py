"""Check: inputs are validated."""

from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CodeFile, Endpoint, LlmCall, Mechanism

__all__ = ["inputs_are_validated"]

_KINDS = ("input-validation", "guardrail", "sanitisation")


@check("5.1.2-2#2", supports=("5.2.1-4.1#1",))
def inputs_are_validated(
    endpoints: tuple[Endpoint, ...],
    calls: tuple[LlmCall, ...],
    mechanisms: tuple[Mechanism, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """What callers send is checked for type, shape and size before it reaches a model or a tool.

    Why: empty, huge, wrongly typed or oddly encoded input makes models and the code around them fail in
    ways that nobody designed, and unbounded input is paid for by the token.

    Fix: accept a typed model with bounds (`class Ask(BaseModel): question: str = Field(min_length=1,
    max_length=4000)`) instead of raw JSON, and normalise or refuse what is outside. Put a guardrail before
    the model call where free text is needed.

    Blind spots: validation by a gateway, in a model imported from another package, or by convention of
    a framework; whether the bounds are sensible.
    """
    reached = [e for e in in_product(endpoints, files) if {"llm", "model", "tool"} & set(e.reaches)]
    checks = [m for m in in_product(mechanisms, files) if m.kind in _KINDS]
    if not reached:
        yield _without_endpoints(bool(in_product(calls, files)), checks)
        return
    raw = [e for e in reached if e.validated is False]
    if raw:
        yield not_met(
            f"Endpoints before a model or tool that take unchecked input: {len(raw)} of {len(reached)}.",
            *capped([at(f"{_name(e)} passes on what callers send without checking it.", e) for e in raw]),
            tentative=True,
        )
        return
    sound = [e for e in reached if e.validated and e.bounded_input]
    if len(sound) == len(reached):
        yield met(f"Endpoints before a model or tool that check type and size: all {len(reached)}.")
        return
    rest = [e for e in reached if not (e.validated and e.bounded_input)]
    yield partly_met(
        f"Endpoints before a model or tool that check type and size: {len(sound)} of {len(reached)}.",
        *capped([at(f"{_name(e)}: no bound on the size of its input was seen.", e) for e in rest]),
    )


def _without_endpoints(calls: bool, checks: list[Mechanism]) -> Finding:
    if checks:
        return partly_met(
            f"Places that check input: {len(checks)}; how it reaches the model was not seen.",
            *capped([at(f"`{m.name}` ({m.kind}).", m) for m in checks]),
        )
    if calls:
        return not_observable(
            "Models are called, but no endpoint through which callers reach them was found."
        )
    return not_applicable("No endpoint and no model call was found in the product's source.")


def _name(endpoint: Endpoint) -> str:
    return " ".join(p for p in (endpoint.method, endpoint.route or endpoint.handler) if p) or "An endpoint"
