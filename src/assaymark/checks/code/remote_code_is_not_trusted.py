"""Check: remote code is not trusted."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CodeFile, HubReference

__all__ = ["remote_code_is_not_trusted"]


@check(supports=("5.2.3-1", "5.1.2-4", "5.2.1-2#4"))
def remote_code_is_not_trusted(
    references: tuple[HubReference, ...], files: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    """Loading a model or data set does not run code from its repository.

    Why: `trust_remote_code=True` and `torch.hub.load` fetch Python files from somebody else's repository
    and run them with your rights. Without a fixed commit, the owner of that repository, or whoever
    takes it over, can change what runs on your machines at any time.

    Fix: drop `trust_remote_code=True` if the architecture is part of the library by now. Otherwise copy
    the reviewed code into your own tree, or name the reviewed commit: `revision="<40 hex digits>"` and
    `code_revision=` for models, `owner/repo:<commit>` for `torch.hub.load`.

    Blind spots: the flag set through variables that are decided at run time, or in files of another
    language; code that a model's own loader fetches unasked.
    """
    own = in_product(references, files)
    trusting = [f for f in own if f.remote_code and not f.local]
    if not own:
        yield not_applicable("No model, data set or code is taken from a hub in the product's source.")
        return
    if not trusting:
        passed = sum(f.remote_code_passed for f in own)
        left = f"; in {passed} the choice is made at run time" if passed else ""
        yield met(f"{counted(len(own), 'hub reference')} read; none switches remote code on{left}.")
        return
    moving = [f for f in trusting if not f.pinned]
    summary = (
        f"Hub references that run code from the repository they name: {len(trusting)} of {len(own)}, "
        f"{len(moving)} at a revision that can change."
    )
    details = capped([at(_sentence(f), f) for f in sorted(trusting, key=lambda f: f.pinned)])
    yield not_met(summary, *details, about=("5.2.3-1", "5.2.1-2#4"), tentative=not moving)
    # The risk may have been assessed and taken, in a document that is kept elsewhere.
    yield not_met(summary, *details, about=("5.1.2-4",), tentative=True)


def _sentence(reference: HubReference) -> str:
    name = reference.name or "a repository named at run time"
    fixed = "fixed to a reviewed commit" if reference.pinned else "not fixed to a commit"
    return f"`{reference.loader}` runs code from {name}, {fixed}."
