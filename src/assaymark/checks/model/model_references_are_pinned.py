"""Models, tokenizers and code taken from a hub are fixed to one content."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import HubReference

_KINDS = ("model", "tokenizer", "code")


@check("5.2.1-2#2", "5.2.1-2#3", supports=("5.2.3-1",))
def model_references_are_pinned(references: tuple[HubReference, ...]) -> Iterator[Finding]:
    """Models, tokenizers and code taken from a hub are fixed to one content.

    Why: A name such as `org/model` means whatever its owner uploaded last. An owner whose account is
    taken over, or who changes the weights, changes your system without a trace on your side.

    Fix: Pass the full commit hash: `from_pretrained("org/model", revision="<40 hex digits>")`, and keep
    it where a change is reviewed. Turn `trust_remote_code` off, or pin the code's revision too.

    Blind spots: Names and revisions decided at run time are counted, not judged. A tag or branch counts as
    unpinned, since it can be moved. Whether the pinned content is good is not asked here.
    """
    remote = [r for r in in_product(references) if r.kind in _KINDS and not r.local]
    named = [r for r in remote if r.name and (r.pinned or not r.revision_passed)]
    loose = sorted((r for r in named if not r.pinned), key=lambda r: (not r.remote_code, r.at))
    if not remote:
        yield not_applicable("No model is taken from a hub or repository by name.")
    elif not named:
        bare = [r for r in remote if not r.revision_passed]
        details = [at(_open(r), r) for r in (*bare, *(r for r in remote if r.revision_passed))]
        summary = (
            f"{counted(len(remote), 'model reference')} decided at run time; "
            f"{len(bare)} of them with no revision passed on."
        )
        yield not_observable(summary, *capped(details))
    elif loose:
        details = [at(_said(r), r) for r in loose]
        summary = f"Model references that are not pinned to a commit or digest: {len(loose)} of {len(named)}."
        yield not_met(summary, *capped(details))
    else:
        details = [at(f"{r.name} at {r.revision[:12] or 'a checked digest'}.", r) for r in named]
        yield met(
            f"{counted(len(named), 'model reference')}, each pinned to a commit or digest.",
            *capped(details),
        )


def _open(reference: HubReference) -> str:
    what = f"`{reference.name}`" if reference.name else "a name that is decided at run time"
    revision = (
        "a revision can be passed on"
        if reference.revision_passed
        else "no revision is passed on, so it can change"
    )
    return f"`{reference.loader}` takes {what}; {revision}."


def _said(reference: HubReference) -> str:
    what = f"`{reference.name}` at `{reference.revision}`" if reference.revision else f"`{reference.name}`"
    extra = ", and runs code from there" if reference.remote_code else ""
    return f"{reference.loader} takes {what}, which can change{extra}."
