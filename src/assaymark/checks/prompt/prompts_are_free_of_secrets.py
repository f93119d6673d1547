"""No prompt carries a credential."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import PromptText, Secret

_LINES = 40
"""Lines below its first that a prompt literal may span, at most."""
_WIDTH = 60
"""Characters of a prompt taken for one line."""


@check(supports=("5.2.5-4", "5.2.1-4"))
def prompts_are_free_of_secrets(
    prompts: tuple[PromptText, ...], secrets: tuple[Secret, ...]
) -> Iterator[Finding]:
    """No key, token or password stands in a prompt.

    Why: What a model is told, it can be made to repeat. A system prompt is not a safe place: sooner
    or later somebody reads it out.

    Fix: Take the credential out of the prompt, revoke it, and let the tool's code hold it where the
    model cannot see it.

    Blind spots: It finds credentials of known shape and high randomness. Confidential facts in
    plain words (prices, names, internal rules) are not recognised.
    """
    own = in_product(prompts)
    found = [s for s in secrets if not s.placeholder and any(_within(s, p) for p in own)]
    if found:
        details = [at(f"A {s.kind} ({s.redacted}) stands in a prompt.", s) for s in found]
        summary = f"{counted(len(found), 'credential')} stand in prompts."
        yield not_met(summary, *capped(details), tentative=all(_unsure(s) for s in found))
    elif own:
        yield met(f"No credential was found in {counted(len(own), 'prompt')}.")
    else:
        yield not_applicable("No prompt was found.")


def _within(secret: Secret, prompt: PromptText) -> bool:
    if secret.at.path != prompt.at.path:
        return False
    lines = min(_LINES, prompt.length // _WIDTH + 1)
    return prompt.at.line <= secret.at.line <= prompt.at.line + lines or (
        prompt.in_file and prompt.at.line <= 1
    )


def _unsure(secret: Secret) -> bool:
    return "generic" in secret.kind or "entropy" in secret.kind
