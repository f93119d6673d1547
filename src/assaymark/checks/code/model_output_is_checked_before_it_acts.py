"""Check: model output is checked before it acts."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, Effect, LlmCall, ModelOutputSink, ToolDefinition

__all__ = ["model_output_is_checked_before_it_acts"]

_CERTAIN = ("eval", "shell")


@check("5.2.5-4.1", supports=("5.1.2-2#1",))
def model_output_is_checked_before_it_acts(
    sinks: tuple[ModelOutputSink, ...],
    calls: tuple[LlmCall, ...],
    tools: tuple[ToolDefinition, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """What a model says is escaped, parsed or checked before it reaches a place where it acts.

    Why: instructions hidden in a mail, a web page or a user's question come out of the model as its
    answer. Where that answer becomes SQL, a command, HTML, a file name or an address, the hidden author
    acts with your system's rights.

    Fix: parse the answer against a schema (`response_format`, `model_validate_json`) and compare it with an
    allow-list before use; pass values to SQL as parameters; escape HTML; resolve paths and require them to
    lie within one folder; ask a person before anything that cannot be undone.

    Blind spots: flows through several files, checks in a framework or a database role (a read-only
    account, for instance), and how well a check holds: only a test with hostile text shows that.
    """
    own = in_product(sinks, files)
    asked, offered = in_product(calls, files), in_product(tools, files)
    running = [t for t in offered if Effect.EXECUTE in t.effects]
    if running and all(f.guarded for f in own):
        verb = "runs" if len(running) == 1 else "run"
        yield partly_met(
            f"{counted(len(running), 'tool')} {verb} what a model writes; "
            "whether it is checked first is for a person to look up.",
            *capped([at(f"`{t.name}` runs code or commands.", t) for t in running]),
        )
        return
    if not own:
        if asked or offered:
            yield partly_met(
                "Models or tools are in use; no place was found in which a model's words act by themselves."
            )
        else:
            yield not_applicable("No model is called and no tool is offered in the product's source.")
        return
    bare = [f for f in own if not f.guarded]
    if not bare:
        yield met(f"Places that act on a model's words: {len(own)}, each after a check or escape.")
        return
    ranked = sorted(bare, key=lambda f: f.sink not in _CERTAIN)
    yield not_met(
        f"Places that act on a model's words without a check: {len(bare)} of {len(own)}.",
        *capped([at(_sentence(f), f) for f in ranked]),
        tentative=ranked[0].sink not in _CERTAIN,
    )


def _sentence(sink: ModelOutputSink) -> str:
    where = f" in {sink.function}" if sink.function else ""
    return f"A model's words reach `{sink.callee}` ({sink.sink}){where} without a check or escape."
