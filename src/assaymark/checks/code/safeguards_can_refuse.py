"""Check: safeguards can refuse."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, SafeguardDefinition

__all__ = ["safeguards_can_refuse"]


@check(supports=("5.1.2-2#1", "5.2.1-4.1#1"))
def safeguards_can_refuse(
    definitions: tuple[SafeguardDefinition, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """A function that says it protects has a body that can refuse.

    Why: `return True` under the name of a check is a placeholder that was forgotten. Callers, reviewers
    and documents count on it.

    Fix: write the check, or raise `NotImplementedError` until it is there, so that nothing passes it by
    mistake; delete it if something else does the work.

    Blind spots: bodies that look busy and still refuse nothing, and hooks that are meant to be
    overridden in another repository.
    """
    own = in_product(definitions, files)
    if not own:
        yield not_applicable("No function or class in the product's source says that it protects.")
        return
    empty = [f for f in own if f.trivial]
    if not empty:
        yield met(f"{counted(len(own), 'safeguard')} written; each has a body that can refuse.")
        return
    yield not_met(
        f"Safeguards that cannot refuse anything: {len(empty)} of {len(own)}.",
        *capped([at(f"`{f.name}` ({f.kind}) only passes, logs or allows.", f) for f in empty]),
        tentative=True,
    )
