"""Tools that pay, delete, send, execute or query stop for a person first."""

from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import Effect, Mechanism, ToolDefinition

ACTING = (Effect.PAY, Effect.DELETE, Effect.SEND, Effect.EXECUTE, Effect.QUERY)
"""Effects that cannot be taken back, or reach whatever the arguments name."""
GRAVE = frozenset({Effect.PAY, Effect.EXECUTE})


@check("5.1.4-3#1", supports=("5.1.2-6#1", "5.1.4-1"))
def acting_tools_ask_first(
    tools: tuple[ToolDefinition, ...], mechanisms: tuple[Mechanism, ...]
) -> Iterator[Finding]:
    """Tools that pay, delete, send, execute or query ask a person before they act.

    Why: A model can be talked into calling any tool it was given, by text in a mail, page or
    document that it reads. A person who confirms the call is the last barrier before the effect.

    Fix: Make each acting tool stop for a decision: `needsApproval: true` (Vercel AI SDK, OpenAI
    Agents), `interrupt()` or `interrupt_before` (LangGraph), elicitation (MCP), or a confirmation
    call at the start of the tool's body; show the person the exact arguments.

    Blind spots: It follows a tool's body and the functions it calls in the same file. An approval
    given in another file, by the host application or by a gateway is not seen.
    """
    own = in_product(tools)
    acting = [t for t in own if set(ACTING) & set(t.effects)]
    unknown = [t for t in own if not t.effects and t.approval is None]
    if not own:
        yield not_applicable("No tool that a model may call was found.")
    elif not acting and unknown:
        yield not_observable(f"What {counted(len(unknown), 'tool')} can do is not written in the tree.")
    elif not acting:
        yield not_applicable(
            f"None of {counted(len(own), 'tool')} pays, deletes, sends, executes or queries."
        )
    else:
        yield from _judge(acting, [m for m in in_product(mechanisms) if m.kind == "human-approval"])


def _judge(acting: list[ToolDefinition], steps: list[Mechanism]) -> Iterator[Finding]:
    bare = [t for t in acting if not t.approval]
    grave = [t for t in bare if t.approval is False and GRAVE & set(t.effects) and not t.constrained]
    if bare:
        details = [
            *(at(_sentence(t), t) for t in (*grave, *(t for t in bare if t not in grave))),
            *(
                at(f"`{m.name}` asks a person here; whether it stands before these tools is open.", m)
                for m in steps
            ),
        ]
        yield not_met(
            f"No question to a person was seen before {len(bare)} of {counted(len(acting), 'acting tool')}.",
            *capped(details),
            about=("5.1.2-6#1", "5.1.4-1"),
            tentative=not grave or bool(steps),
        )
    else:
        asking = [at(f"`{t.name}` asks before it acts.", t) for t in acting]
        yield met(
            f"A person is asked first by {len(acting)} of {counted(len(acting), 'acting tool')}.",
            *capped(asking),
        )


def _sentence(tool: ToolDefinition) -> str:
    what = ", ".join(e.value for e in ACTING if e in tool.effects)
    where = f" (reaches {', '.join(tool.touches[:3])})" if tool.touches else ""
    return f"`{tool.name}` can {what}{where}, and nobody is seen to be asked first."
