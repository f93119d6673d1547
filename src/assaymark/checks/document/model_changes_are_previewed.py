"""Operators can try a changed model before it replaces the old one."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import covered_by, filled, pick
from assaymark.observation import Detail
from assaymark.scan.facts import Document, Endpoint, Mechanism
from assaymark.scan.paths import is_test_path
from assaymark.system.system import System

_KINDS = ("update-notice", "release-notes", "changelog", "maintenance-plan", "user-guide", "readme")


@check(supports=("5.4.1-3",))
def model_changes_are_previewed(
    documents: tuple[Document, ...],
    endpoints: tuple[Endpoint, ...],
    mechanisms: tuple[Mechanism, ...],
    system: System,
) -> Iterator[Finding]:
    """Operators can try a changed model before it replaces the old one.

    Why: An operator who meets a new model only in production finds its surprises there.

    Fix: Offer versioned routes (`/v1/…`, `/v2/…`) or a model parameter, a preview or beta before each
    change, and say in docs/maintenance.md how long the old version stays.

    Blind spots: Whether a preview was offered, and whether operators used it, is not seen.
    """
    preview = covered_by(filled(pick(documents, _KINDS, system)), ("preview",))
    written = covered_by(filled(pick(documents, _KINDS, system)), ("versioned-api",))
    versioned = [*_routes(endpoints), *_mechanisms(mechanisms)]
    details = [at("A preview is spoken of here.", preview)] if preview else []
    details += [at("Versions are spoken of here.", written)] if written else []
    details += versioned
    if preview and versioned:
        yield met(
            f"Previews are described, and {len(versioned)} places offer versioned access.", *capped(details)
        )
    elif details:
        lacking = "no preview is described" if not preview else "no versioned access was found in code"
        yield partly_met(f"Some support for model changes was found; {lacking}.", *capped(details))
    else:
        yield not_observable("Neither previews nor versioned access were found in the tree.")


def _routes(endpoints: tuple[Endpoint, ...]) -> list[Detail]:
    return [
        at(f"{e.method} {e.route} carries a version.", e)
        for e in endpoints
        if not is_test_path(e.at.path) and any(_is_version(part) for part in e.route.split("/"))
    ]


def _is_version(part: str) -> bool:
    return len(part) in (2, 3) and part[0] == "v" and part[1:].isdigit()


def _mechanisms(mechanisms: tuple[Mechanism, ...]) -> list[Detail]:
    return [
        at(f"{m.name} offers versions or a staged change.", m)
        for m in mechanisms
        if m.kind in ("versioned-api", "canary") and not is_test_path(m.at.path)
    ]
