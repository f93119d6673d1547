"""Users are told which uses are forbidden."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import SECTION_WORDS, filled, pick
from assaymark.observation import Detail, Location
from assaymark.scan.document.topics import topics_of
from assaymark.scan.facts import Document
from assaymark.system.system import System

_POLICY = ("acceptable-use",)
_READERS = ("acceptable-use", "model-card", "user-guide", "readme", "privacy-notice", "oversight-plan")
_TOPICS = {"prohibited-use", "out-of-scope"}


@check(supports=("5.1.4-5",))
def prohibited_uses_are_stated(documents: tuple[Document, ...], system: System) -> Iterator[Finding]:
    """Users are told which uses are forbidden.

    Why: What nobody has forbidden will be tried, and misuse of an AI system can harm people who never
    touched it.

    Fix: Write docs/acceptable-use.md, or a section `Prohibited uses` in the user guide or model card,
    with the uses that are forbidden, and link to it from where users start.

    Blind spots: Terms of service, and notices inside a product, are not seen. Whether the list is
    complete, and whether the system refuses such uses, is not judged.
    """
    policies = pick(documents, _POLICY, system)
    readers = filled(pick(documents, _READERS, system))
    headed = [d for document in readers for d in _headed(document)]
    forbidding = [d for d in filled(policies) if "prohibited-use" in d.topics or "out-of-scope" in d.topics]
    if headed or forbidding:
        details = headed or [at("Forbidden uses are named here.", d) for d in forbidding]
        yield met(f"Places that tell users which uses are forbidden: {len(details)}.", *capped(details))
    elif policies:
        yield not_met(
            "A policy on use is there but names no forbidden use.",
            *capped([at("No forbidden or out-of-scope use was found in the text.", d) for d in policies]),
            tentative=True,
        )
    else:
        yield _mentioned(readers)


def _headed(document: Document) -> Iterator[Detail]:
    for section in document.sections:
        if section.words >= SECTION_WORDS and _TOPICS & topics_of(section.title):
            place = Location(document.at.path, section.line)
            yield at(f"Under “{section.title[:80]}”.", place)


def _mentioned(readers: tuple[Document, ...]) -> Finding:
    places = [
        at("Speaks of something forbidden, but not under a heading of its own.", Location(d.at.path, s.line))
        for d in readers
        for s in d.sections
        if "prohibited-use" in s.topics and s.words >= SECTION_WORDS
    ]
    if places:
        return partly_met(
            f"Forbidden uses may be named in passing in {len(places)} sections; none is headed so.",
            *capped(places),
        )
    return not_observable(
        "No document in the tree says which uses are forbidden; a notice may stand in the product.",
        fix="Write docs/acceptable-use.md, or a section `Prohibited uses` in the user guide or model card.",
    )
