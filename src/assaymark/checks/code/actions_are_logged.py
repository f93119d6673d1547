"""Check: actions are logged."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import (
    CodeFile,
    Effect,
    Endpoint,
    Fact,
    LlmCall,
    LogSite,
    Mechanism,
    ToolDefinition,
    TraceExport,
)

__all__ = ["actions_are_logged"]

_ACTING = {Effect.WRITE, Effect.DELETE, Effect.SEND, Effect.PAY, Effect.EXECUTE, Effect.QUERY}


@check(supports=("5.4.2-1",))
def actions_are_logged(
    calls: tuple[LlmCall, ...],
    tools: tuple[ToolDefinition, ...],
    endpoints: tuple[Endpoint, ...],
    logs: tuple[LogSite, ...],
    traces: tuple[TraceExport, ...],
    mechanisms: tuple[Mechanism, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """Model calls, tool calls and changes that users make leave a record.

    Why: without a record of who asked what of which model, and what the system did then, an incident can
    be neither noticed nor cleared up, and a weakness not traced to its cause.

    Fix: write one structured record for each model call, tool call and changing request: time, user or
    session id, model and prompt version, tool and its decision, outcome; digests or ids instead of
    content. One wrapper around the client and one around the tools is enough.

    Blind spots: records kept by a gateway, the provider or a framework; whether they are kept, protected
    and complete. A file counts as logging if one of its functions writes a record.
    """
    actions: list[tuple[str, Fact]] = [(f"the call to {c.client}", c) for c in in_product(calls, files)]
    actions += [(f"the tool `{t.name}`", t) for t in in_product(tools, files) if _ACTING & set(t.effects)]
    actions += [
        (f"{e.method or 'the page'} {e.route or e.handler}", e)
        for e in in_product(endpoints, files)
        if e.mutates
    ]
    if not actions:
        yield not_applicable(
            "No model call, acting tool or changing endpoint was found in the product's source."
        )
        return
    recorded = {
        log.at.path for log in in_product(logs, files) if log.sink != "print" and log.subject != "other"
    }
    recorded |= {m.at.path for m in in_product(mechanisms, files) if m.kind == "audit-log"}
    recorded |= {t.at.path for t in in_product(traces, files)}
    silent = [(what, fact) for what, fact in actions if fact.at.path not in recorded]
    yield _finding(actions, silent, bool(recorded))


def _finding(actions: list[tuple[str, Fact]], silent: list[tuple[str, Fact]], any_record: bool) -> Finding:
    if not silent:
        return met(f"Actions with a record in their file: all {len(actions)} (model calls, tools, changes).")
    details: tuple[Detail, ...] = capped(
        [at(f"No record of {what} was seen in this file.", f) for what, f in silent]
    )
    if any_record:
        return partly_met(
            f"Actions that leave a record: {len(actions) - len(silent)} of {len(actions)}.", *details
        )
    return not_met(f"Actions that leave a record: 0 of {len(actions)}.", *details, tentative=True)
