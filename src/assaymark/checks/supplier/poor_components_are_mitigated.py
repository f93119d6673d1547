"""A poorly secured model or component has a risk assessment and controls around it."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_observable, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import covered_by, filled, pick
from assaymark.checks.supplier._components import poor, risk_for
from assaymark.scan.facts import Deserialisation, Document, HubReference, Mechanism, ModelFile
from assaymark.scan.paths import is_test_path
from assaymark.system.system import System

_CONTROLS, _ASSESSED = "5.2.3-2.1#1", "5.2.3-2.1#2"


@check(supports=("5.2.3-2.1",))
def poor_components_are_mitigated(
    models: tuple[ModelFile, ...],
    references: tuple[HubReference, ...],
    loads: tuple[Deserialisation, ...],
    mechanisms: tuple[Mechanism, ...],
    documents: tuple[Document, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """A poorly secured model or component has a risk assessment and controls around it.

    Why: What cannot be trusted has to be contained: checked before it is loaded, run where it can do
    little, watched.

    Fix: Check a digest before each load, load in a sandbox, and write the risk, the controls and their
    owner into the justification or the risk register.

    Blind spots: Digest and signature checks in code are seen, sandboxes and network policies around the
    process mostly not.
    """
    components = poor(models, references)
    if not components:
        yield not_applicable("No component that the tree shows to be poorly secured was found.")
        return
    shown = capped([at(f"{c.name}: {c.fault}.", c.at) for c in components])
    checked = [d for d in loads if d.verified and not is_test_path(d.at.path)]
    checked_by = [m for m in mechanisms if m.kind in ("digest-check", "signature-check")]
    if checked or checked_by:
        places = [at("Checked before loading here.", f) for f in (*checked, *checked_by)]
        yield partly_met(
            f"Digests or signatures are checked in {len(places)} places; that this covers all "
            f"{len(components)} poorly secured components is for a person to say.",
            *capped(places),
            about=[_CONTROLS],
        )
    else:
        yield not_observable(
            f"No control around {len(components)} poorly secured components was recognised.",
            *shown,
            about=[_CONTROLS],
        )
    papers = filled(
        pick(documents, ("justification", "risk-assessment", "risk-register", "due-diligence"), system)
    )
    accepted = [c for c in components if risk_for(c, system, today.isoformat())]
    place = covered_by(papers, ("risk", "mitigation", "treatment"))
    if len(accepted) == len(components):
        yield met("An accepted risk in the manifest names each of them.", *shown, about=[_ASSESSED])
    elif place is not None or accepted:
        details = [at("A risk is assessed here.", place)] if place is not None else []
        yield partly_met(
            f"Risks are assessed in the tree; {len(components) - len(accepted)} of {len(components)} "
            "poorly secured "
            "components are not named by an accepted risk.",
            *details,
            about=[_ASSESSED],
        )
    else:
        yield not_observable("No risk assessment of them is in the tree.", *shown, about=[_ASSESSED])
