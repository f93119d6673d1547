"""Check: untrusted text is not executed."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import (
    CodeFile,
    DynamicExecution,
    Effect,
    Endpoint,
    LlmCall,
    Mechanism,
    Origin,
    ToolDefinition,
)

__all__ = ["untrusted_text_is_not_executed"]

_FOREIGN = (Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT, Origin.REQUEST, Origin.RETRIEVED)
_MODEL = (Origin.MODEL_OUTPUT, Origin.TOOL_ARGUMENT)
_BY_DESIGN = ("subprocess.run", "subprocess.Popen", "subprocess.check_output", "subprocess.check_call")


@check(supports=("5.2.5-4.1", "5.1.2-2#1", "5.1.2-2#2"))
def untrusted_text_is_not_executed(
    executions: tuple[DynamicExecution, ...],
    calls: tuple[LlmCall, ...],
    endpoints: tuple[Endpoint, ...],
    tools: tuple[ToolDefinition, ...],
    mechanisms: tuple[Mechanism, ...],
    files: tuple[CodeFile, ...],
) -> Iterator[Finding]:
    """Text from users, models or retrieved content is never run as code, shell command or query.

    Why: a model can be talked into writing any text, and so can a user. If that text reaches `eval`,
    `exec`, a shell or the wording of an SQL statement, whoever steers the model steers your machine.

    Fix: parse data with `json.loads` or `ast.literal_eval`; call programs with an argument list and a fixed
    program name; pass values to SQL as parameters (`cursor.execute("… WHERE id = %s", (id,))`). Code that a
    model writes on purpose belongs in a container or a WebAssembly sandbox without network and secrets.

    Blind spots: text that travels through several files before it is run; a sandbox around the whole
    process that the code does not mention.
    """
    own = in_product(executions, files)
    if (
        not own
        and not in_product(calls, files)
        and not in_product(endpoints, files)
        and not in_product(tools, files)
    ):
        yield not_applicable("The product neither runs text as code nor takes text from users or models.")
        return
    if not own:
        yield met("No place in the product's source runs text as code, shell command or composed query.")
        return
    foreign = [f for f in own if f.origin in _FOREIGN and f.sandboxed is not True]
    passed = [f for f in own if f.origin in (Origin.PARAMETER, Origin.UNKNOWN) and f.sandboxed is not True]
    if not foreign and passed:
        verb = "runs" if len(passed) == 1 else "run"
        yield partly_met(
            f"Places that run code, commands or queries: {len(own)}; none was seen to run text from outside, "
            f"and {len(passed)} {verb} what another part of the program passes.",
            *capped([at(f"`{f.callee}`{_where(f)} runs what it is given.", f) for f in passed]),
        )
        return
    if not foreign:
        yield met(f"Places that run code, commands or queries: {len(own)}; none with text from outside.")
        return
    # Where people are asked before something runs, a model's words may have been shown to one of them.
    asks = any(m.kind == "human-approval" for m in in_product(mechanisms, files))
    firm = [f for f in foreign if _is_sure(f) and not (asks and f.origin in _MODEL)]
    yield not_met(
        f"Places that run text of a user, a model or retrieved content: {len(foreign)} of {len(own)}.",
        *capped([at(_sentence(f), f) for f in sorted(foreign, key=lambda f: not _is_sure(f))]),
        tentative=not firm,
    )


def _is_sure(execution: DynamicExecution) -> bool:
    """A program with an argument list, and SQL that a model is asked to write, may be meant so."""
    if execution.origin is Origin.RETRIEVED or execution.callee in _BY_DESIGN:
        return False
    return execution.effect is Effect.EXECUTE or execution.origin is Origin.REQUEST


def _sentence(execution: DynamicExecution) -> str:
    return f"`{execution.callee}`{_where(execution)} runs text that is {_kind(execution.origin)}."


def _where(execution: DynamicExecution) -> str:
    return f" in {execution.function}" if execution.function else ""


def _kind(origin: Origin) -> str:
    return {
        Origin.REQUEST: "sent by a caller or typed by a user",
        Origin.MODEL_OUTPUT: "written by a model",
        Origin.TOOL_ARGUMENT: "chosen by a model as an argument of a tool",
        Origin.RETRIEVED: "taken from retrieved content",
    }.get(origin, origin.value)
