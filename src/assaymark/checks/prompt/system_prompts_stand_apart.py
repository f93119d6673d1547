"""Instructions travel in the system role."""

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
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import LlmCall, Origin, PromptText

_OTHERS = frozenset({Origin.REQUEST, Origin.RETRIEVED, Origin.TOOL_ARGUMENT, Origin.MODEL_OUTPUT})


@check(supports=("5.1.2-2#1",))
def system_prompts_stand_apart(
    calls: tuple[LlmCall, ...], prompts: tuple[PromptText, ...]
) -> Iterator[Finding]:
    """Instructions go in the system message, and what others wrote does not.

    Why: Models are trained to weigh the system message above the rest. Text of a user or document
    inside it gets that weight; instructions outside it compete with whatever the user writes.

    Fix: Keep the system message constant (or filled from configuration only), and pass users' words,
    documents and tool results as user or tool messages.

    Blind spots: Messages put together at run time are not followed across files.
    """
    own = in_product(calls)
    mixed = [p for p in in_product(prompts) if p.role in ("system", "developer") and p.untrusted]
    joined = [c for c in own if c.system_prompt is False and _OTHERS & set(c.prompt_origins)]
    apart = [c for c in own if c.system_prompt]
    if mixed or joined:
        details = [
            *(at(_sentence(p), p) for p in mixed),
            *(
                at(f"The call to {c.client} mixes others' text in without a system message.", c)
                for c in joined
            ),
        ]
        yield not_met(_summary(len(mixed), len(joined)), *capped(details), tentative=True)
    elif not own and not prompts:
        yield not_applicable("No call to a language model and no prompt was found.")
    elif apart and len(apart) == len(own):
        yield met(f"All {counted(len(own), 'model call')} keep instructions in a system message.",
                  *capped([at(f"{c.client}: a system message of its own.", c) for c in apart]))  # fmt: skip
    elif apart:
        yield partly_met(
            f"{len(apart)} of {counted(len(own), 'model call')} were seen to have a system message."
        )
    else:
        yield not_observable("How messages are put together was not seen in the files that call the model.")


def _summary(mixed: int, joined: int) -> str:
    parts = [
        f"{counted(mixed, 'system prompt')} {'holds' if mixed == 1 else 'hold'} others' text" * bool(mixed),
        f"{counted(joined, 'model call')} {'has' if joined == 1 else 'have'} no system message"
        * bool(joined),
    ]
    return "; ".join(part for part in parts if part) + "."


def _sentence(prompt: PromptText) -> str:
    verb = "goes" if len(prompt.untrusted) == 1 else "go"
    return f"`{prompt.name}`: {', '.join(prompt.untrusted[:5])} {verb} into the system message."
