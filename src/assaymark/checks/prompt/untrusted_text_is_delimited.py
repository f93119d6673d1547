"""Untrusted text stands between delimiters."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import PromptText


@check(supports=("5.2.1-4.1#1", "5.1.2-2#1"))
def untrusted_text_is_delimited(prompts: tuple[PromptText, ...]) -> Iterator[Finding]:
    """Text written by users, documents or tools stands between delimiters in each prompt.

    Why: Pasted bare between instructions, a document can pass for an instruction. Delimiters do not
    stop every injection, but without them the model has no way at all to tell the two apart.

    Fix: Put the inserted text into a message of its own, or between tags that it cannot close
    (`<document>{{ text | e }}</document>`), and say before it that what stands there is data and
    never an instruction.

    Blind spots: Which placeholder is untrusted follows from where its value comes from, or from its
    name. Delimiters lower the risk only; a guard and limited rights are still needed.
    """
    own = [p for p in in_product(prompts) if p.untrusted]
    bare = [p for p in own if p.delimited is False]
    weak = [p for p in own if p.delimited and not p.states_untrusted]
    if not own:
        yield not_applicable(
            f"None of {counted(len(prompts), 'prompt')} inserts text that users or documents wrote."
        )
    elif bare:
        ranked = sorted(bare, key=lambda p: (p.role != "system", p.states_untrusted))
        yield not_met(
            f"{len(bare)} of {counted(len(own), 'prompt')} with untrusted text "
            f"{'inserts' if len(bare) == 1 else 'insert'} it without delimiters.",
            *capped([at(_sentence(p), p) for p in ranked]),
            tentative=True,
        )
    else:
        details = [at(f"`{p.name}` sets {', '.join(p.untrusted[:5])} apart.", p) for p in own]
        summary = f"All {counted(len(own), 'prompt')} with untrusted text set it apart"
        yield met(f"{summary}; {len(weak)} do not say that it is data only.", *capped(details))


def _sentence(prompt: PromptText) -> str:
    where = f"the {prompt.role} prompt" if prompt.role else "the prompt"
    verb = "stands" if len(prompt.untrusted) == 1 else "stand"
    return f"`{prompt.name}`: {', '.join(prompt.untrusted[:5])} {verb} bare in {where}."
