"""End-users can read what is known of a poorly documented or poorly secured component."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_observable, partly_met
from assaymark.checks._findings import joined
from assaymark.checks.document._documents import filled, pick
from assaymark.checks.supplier._components import poor, spoken_of
from assaymark.scan.facts import Document, HubReference, ModelFile
from assaymark.system.system import System

_FOR_USERS = ("user-guide", "readme", "model-card", "privacy-notice", "release-notes", "acceptable-use")


@check(supports=("5.2.3-2.2",))
def poor_components_are_disclosed(
    models: tuple[ModelFile, ...],
    references: tuple[HubReference, ...],
    documents: tuple[Document, ...],
    system: System,
) -> Iterator[Finding]:
    """End-users can read what is known of a poorly documented or poorly secured component.

    Why: Whoever relies on the system carries a part of the risk, and can only weigh what was said.

    Fix: Name the component and what is known and not known of it in the user guide or the model card.

    Blind spots: It looks for the component's name in titles, headings and file names of documents for
    users; text on a website is not seen.
    """
    components = poor(models, references)
    justified = filled(pick(documents, ("justification",), system))
    if not components and not justified:
        yield not_applicable("No component that the tree shows to be poorly secured was found.")
        return
    papers = filled(pick(documents, _FOR_USERS, system))
    named = [c for c in components if any(spoken_of(c, papers, ()))]
    told = [p for p in papers if "component" in p.topics]
    if components and len(named) == len(components):
        yield met(
            f"Documents for users name all {len(components)} of them.",
            *(at("Used here.", c.at) for c in named),
        )
    elif named or told:
        rest = joined([c.name for c in components if c not in named][:3]) or "each"
        yield partly_met(
            f"Documents for users speak of components; {rest} is for a person to look up.",
            *(at("Speaks of components.", p) for p in told[:20]),
        )
    else:
        yield not_observable(
            f"No document for users in the tree speaks of the {len(components) or len(justified)} "
            "components concerned.",
        )
