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
from assaymark.checks.agent._product import first, of_product, plural
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
    own = of_product(calls)
    mixed = [p for p in of_product(prompts) if p.role in ("system", "developer") and p.untrusted]
    joined = [c for c in own if c.system_prompt is False and _OTHERS & set(c.prompt_origins)]
    apart = [c for c in own if c.system_prompt]
    if mixed or joined:
        details = [
            *(
                at(f"`{p.name}`: {', '.join(p.untrusted[:5])} goes into the system message.", p)
                for p in mixed
            ),
            *(
                at(f"The call to {c.client} mixes others' text in without a system message.", c)
                for c in joined
            ),
        ]
        summary = (
            f"{plural(len(mixed), 'system prompt')} hold others' text, "
            f"{plural(len(joined), 'call')} have none."
        )
        yield not_met(summary, *first(details), tentative=True)
    elif not own and not prompts:
        yield not_applicable("No call to a language model and no prompt was found.")
    elif apart and len(apart) == len(own):
        yield met(f"All {plural(len(own), 'model call')} keep instructions in a system message.",
                  *first([at(f"{c.client}: a system message of its own.", c) for c in apart]))  # fmt: skip
    elif apart:
        yield partly_met(
            f"{len(apart)} of {plural(len(own), 'model call')} were seen to have a system message."
        )
    else:
        yield not_observable("How messages are put together was not seen in the files that call the model.")
