"""Users hear of a model update before it happens."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import filled, pick
from assaymark.observation import Detail
from assaymark.scan.facts import Document
from assaymark.system.system import System

_KINDS = ("update-notice", "release-notes", "maintenance-plan")


@check(supports=("5.2.3-4",))
def model_updates_are_announced_first(documents: tuple[Document, ...], system: System) -> Iterator[Finding]:
    """Users hear of a model update before it happens.

    Why: A changed model answers differently; those who rely on it need time to look.

    Fix: Publish a notice for each planned update, such as docs/update-notices.md, with `Announced:` and
    `Effective:` dates, which model goes and which comes, and what will behave differently.

    Blind spots: Mails and notices in a product are not seen, nor when a model was really changed.
    """
    notices = [d for d in filled(pick(documents, _KINDS, system)) if _speaks_of_model_updates(d)]
    late = [detail for d in notices for detail in _late(d)]
    early = [d for d in notices if _pair(d) and not list(_late(d))]
    if late:
        yield not_met(
            f"{len(late)} of {len(notices)} notices were given on or after the day of the update.",
            *capped(late),
            tentative=True,
        )
    elif early:
        yield met(
            f"{len(early)} notices of model updates were given before the day of the update.",
            *capped([at("Announced before it took effect.", d) for d in early]),
        )
    elif notices:
        yield partly_met(
            f"Documents that speak of notice before model updates, without the dates of one: {len(notices)}.",
            *capped([at("Speaks of model updates and notice.", d) for d in notices]),
            fix="Write `Announced:` and `Effective:` with their dates into each notice.",
        )
    else:
        yield not_observable(
            "No notice of a model update is in the tree; one may have been sent by other means.",
            fix="Keep docs/update-notices.md, with `Announced:` and `Effective:` for each planned update.",
        )


def _speaks_of_model_updates(document: Document) -> bool:
    topics = set(document.topics)
    return "ai" in topics and "updates" in topics and ("notice-period" in topics or bool(_pair(document)))


def _pair(document: Document) -> tuple[str, str] | None:
    announced = [day for label, day in document.dates if label == "announced"]
    effective = [day for label, day in document.dates if label == "effective"]
    return (min(announced), max(effective)) if announced and effective else None


def _late(document: Document) -> Iterator[Detail]:
    pair = _pair(document)
    if pair and pair[0] >= pair[1]:
        yield at(f"Announced {pair[0]}, effective {pair[1]}.", document)
