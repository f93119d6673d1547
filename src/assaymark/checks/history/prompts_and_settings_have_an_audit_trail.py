"""Every prompt and model setting has a trail of who changed it, when and how."""

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
from assaymark.checks.history._trails import readable
from assaymark.scan.facts import History, PromptText, Trail


@check("5.2.4-3#1", supports=("5.1.2-3", "5.2.1-2#1", "5.2.1-2#3"))
def prompts_and_settings_have_an_audit_trail(
    histories: tuple[History, ...], trails: tuple[Trail, ...], prompts: tuple[PromptText, ...]
) -> Iterator[Finding]:
    """Every prompt and model setting has a trail of who changed it, when and how.

    Why: A changed sentence in a system prompt can undo a safeguard. Without a trail nobody can tell
    when the system began to behave differently, or who made it.

    Fix: Keep prompts and model settings as files under version control, and deploy them from there only.

    Blind spots: Prompts edited in a provider's console or a database are not seen. Git lets its authors
    rewrite history; protected branches and signed commits are what stands against that.
    """
    history = readable(histories)
    files = {p.at.path: p for p in in_product(prompts) if p.in_file}
    kept = [t for t in trails if t.subject in ("prompt", "model-setting", "configuration")]
    untracked = [p for path, p in sorted(files.items()) if path not in {t.at.path for t in trails}]
    if history is None:
        reason = next((h.problem for h in histories if h.problem), "none was read")
        yield not_observable(f"There is no readable git history ({reason}).")
    elif not kept and not files:
        yield not_applicable("No prompt, model setting or configuration file is in the history.")
    elif untracked and not history.problem:
        details = [at("A prompt that no commit has touched.", p) for p in untracked]
        summary = f"{len(untracked)} of {counted(len(files), 'prompt file')} are not under version control."
        yield not_met(summary, *capped(details), tentative=True)
    else:
        details = [at(f"{counted(t.total, 'change')}, the last on {t.last[:10]}.", t) for t in kept]
        changes = counted(_sum(kept), "change")
        summary = f"{counted(len(kept), 'prompt and setting file')} with a trail of {changes}."
        if history.problem or untracked:
            yield partly_met(f"{summary} {history.problem}", *capped(details))
        else:
            yield met(summary, *capped(details))


def _sum(trails: list[Trail]) -> int:
    return sum(t.total for t in trails)
