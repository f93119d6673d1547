"""Prompts and code fetched from elsewhere are fixed to a version."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import Download, HubReference

_KINDS = ("prompt", "code")


@check(supports=("5.2.3-1", "5.2.1-2#2"))
def prompts_come_from_pinned_sources(
    references: tuple[HubReference, ...], downloads: tuple[Download, ...]
) -> Iterator[Finding]:
    """Prompts and code taken from a hub or address are fixed to a version that cannot change.

    Why: A prompt pulled by name, or a script from a branch, is whatever its owner, or whoever took
    over the account, wrote last. It changes how the system works without a change in the tree.

    Fix: Name the commit (`hub.pull("owner/prompt:<commit>")`, a full commit hash in the address), or
    keep a copy in the tree and compare its SHA-256 after each download.

    Blind spots: Addresses put together at run time are not followed, and what a pinned version says
    is not judged.
    """
    named = [r for r in in_product(references) if r.kind in _KINDS and not r.local]
    fetched = [d for d in in_product(downloads) if d.what in _KINDS or d.executed]
    loose = [r for r in named if not r.pinned and r.name]
    unknown = [r for r in named if not r.pinned and not r.name]
    moving = [d for d in fetched if d.mutable and d.verified not in ("digest", "signature")]
    total = f"{len(named) + len(fetched)} prompts or pieces of code"
    if not named and not fetched:
        yield not_applicable("No prompt or code is taken from a hub or address at run time.")
    elif loose or moving:
        details = [
            *(at(f"{d.url} is fetched{' and run' if d.executed else ''}, unverified.", d) for d in moving),
            *(
                at(f"`{r.name}` ({r.kind}) is taken by name through {r.loader}, without a commit.", r)
                for r in loose
            ),
        ]
        yield not_met(f"{len(details)} of {total} come from sources that can change.", *capped(details))
    elif unknown:
        details = [at(f"Which {r.kind} `{r.loader}` takes is decided at run time.", r) for r in unknown]
        yield partly_met(f"{len(unknown)} of {total} are chosen at run time; no moving source was seen.",
                         *capped(details))  # fmt: skip
    else:
        yield met(f"{total} taken from elsewhere: fixed or verified, every one.")
