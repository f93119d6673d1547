"""An agent stops by itself."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import LibraryUse, Limit, LlmCall, ToolDefinition

_KINDS = ("iterations", "budget")
_BARE_CLIENTS = frozenset({"openai", "anthropic", "ollama", "litellm", "mistral", "groq", "azure-openai"})
"""Clients without an agent loop of their own, and so without a default bound."""


@check(supports=("5.1.2-2#3",))
def agent_loops_are_bounded(
    limits: tuple[Limit, ...],
    tools: tuple[ToolDefinition, ...],
    calls: tuple[LlmCall, ...],
    libraries: tuple[LibraryUse, ...],
) -> Iterator[Finding]:
    """A loop in which a model calls tools ends after a number of steps or a budget.

    Why: A model that repeats itself, or is led to, calls tools without end: it spends money, fills
    queues and repeats harm until somebody notices.

    Fix: Set the bound where the loop is: `recursion_limit` (LangGraph), `max_iterations`
    (LangChain), `stopWhen: stepCountIs(n)` (AI SDK), `max_turns` (OpenAI Agents), or a counter in
    your own loop that raises; add a budget for tokens or money per task.

    Blind spots: Frameworks have defaults, which are not read. Whether the bound is low enough is
    for a person to judge.
    """
    offered = in_product(tools)
    frames = [u for u in in_product(libraries) if u.category == "agent"]
    bounds = [x for x in in_product(limits) if x.kind in _KINDS]
    idle = [x for x in bounds if x.enforced is False]
    looping = [c for c in in_product(calls) if c.tools and c.client in _BARE_CLIENTS]
    if not offered and not frames and not looping:
        yield not_applicable("No agent and no tool that a model may call was found.")
    elif idle:
        details = [at(f"`{x.name}` = {x.value or '?'} is set, and nothing reads it.", x) for x in idle]
        yield not_met(f"{len(idle)} of {counted(len(bounds), 'bound')} on an agent's steps take no effect.",
                      *capped(details), tentative=True)  # fmt: skip
    elif bounds:
        details = [at(f"`{x.name}` = {x.value or 'set at run time'}.", x) for x in bounds]
        verb = "is" if len(bounds) == 1 else "are"
        yield met(
            f"{counted(len(bounds), 'bound')} on an agent's steps or budget {verb} set.", *capped(details)
        )
    elif looping:
        details = [at(f"{c.client} is offered {counted(len(c.tools), 'tool')}.", c) for c in looping]
        verb = "offers" if len(looping) == 1 else "offer"
        summary = (
            f"{counted(len(looping), 'model call')} {verb} tools, and no bound on steps or budget was seen."
        )
        yield not_met(summary, *capped(details), tentative=True)
    else:
        yield not_observable(
            "No bound on steps is written; whether the framework's default suits needs a look."
        )
