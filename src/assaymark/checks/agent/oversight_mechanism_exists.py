"""People can watch over the system and stop it."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.agent.acting_tools_ask_first import ACTING
from assaymark.scan.facts import LlmCall, Mechanism, ToolDefinition

_WORDS = {"human-approval": "a person approves", "kill-switch": "it can be switched off"}


@check(supports=("5.1.4-1", "5.1.4-3#1"))
def oversight_mechanism_exists(
    mechanisms: tuple[Mechanism, ...], tools: tuple[ToolDefinition, ...], calls: tuple[LlmCall, ...]
) -> Iterator[Finding]:
    """The code has a mechanism by which a person approves, interrupts or switches off the system.

    Why: Oversight that is only written in a policy cannot stop a model that misbehaves now. It
    takes a place in the code where a person's decision is waited for, or a switch that is read.

    Fix: Add an approval step before acting tools (`interrupt()` in LangGraph, `needsApproval` in
    the AI SDK) and a switch that is read before each model call, such as a feature flag
    `AI_ENABLED`; write down who may use them.

    Blind spots: It recognises usual names and calls. A switch at a gateway, load balancer or
    feature-flag service is not seen, nor whether anybody watches.
    """
    found = [m for m in in_product(mechanisms) if m.kind in _WORDS]
    acting = [t for t in in_product(tools) if set(ACTING) & set(t.effects)]
    if found:
        details = [at(f"`{m.name}`: {_WORDS[m.kind]}.", m) for m in found]
        yield met(
            f"{counted(len(found), 'place')} let a person approve or stop the system.", *capped(details)
        )
    elif acting:
        bare = [at(f"`{t.name}` acts ({', '.join(t.effects)}).", t) for t in acting]
        summary = (
            f"{counted(len(acting), 'tool')} can act, and no approval or switch-off was found in the code."
        )
        yield not_met(summary, *capped(bare), tentative=True)
    else:
        where = f" beside {counted(len(calls), 'model call')}" if calls else ""
        yield not_observable(
            f"No approval step or switch-off was found{where}; a plan of oversight, or a switch outside the "
            "tree, can be attested."
        )
