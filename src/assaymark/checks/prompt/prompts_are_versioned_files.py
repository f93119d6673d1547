"""Prompts are files under version control."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import PromptText, Trail

_SHARE = 0.8
"""Share of prompts in files from which we say that prompts are kept as files."""


@check(supports=("5.2.1-2#1", "5.2.1-2#3", "5.2.4-3#1"))
def prompts_are_versioned_files(
    prompts: tuple[PromptText, ...], trails: tuple[Trail, ...]
) -> Iterator[Finding]:
    """Prompts are kept as files or settings of their own, so that each change leaves a trail.

    Why: A prompt is part of the program. In a file of its own it has a history, an owner and a
    digest that can be compared with what is deployed; scattered in code, a change hides in a diff.

    Fix: Move system prompts and templates to `prompts/`, one file a prompt, load them at start,
    log the digest, and require review for that folder (CODEOWNERS).

    Blind spots: Prompts kept in a prompt-management service or database are not seen.
    """
    own = [p for p in in_product(prompts) if p.role or not p.in_file]  # not notes to coding assistants
    files = [p for p in own if p.in_file]
    literals = [p for p in own if not p.in_file]
    traced = {t.at.path for t in trails if t.subject == "prompt"}
    details: list[Detail] = [
        *(at(f"`{p.name}` is a literal in code ({p.length} characters).", p) for p in literals),
        *(at(f"`{p.name}` is a file or setting{_trail(p, traced)}.", p) for p in files),
    ]
    if not own:
        yield not_applicable("No prompt was found.")
    elif len(files) >= _SHARE * len(own):
        yield met(f"{len(files)} of {counted(len(own), 'prompt')} are files or settings of their own.",
                  *capped(details[::-1]))  # fmt: skip
    else:
        yield partly_met(
            f"{len(literals)} of {counted(len(own), 'prompt')} are literals in code; their history "
            f"is that of the code.",
            *capped(details),
        )


def _trail(prompt: PromptText, traced: set[str]) -> str:
    return " with a change trail" if prompt.at.path in traced else ""
