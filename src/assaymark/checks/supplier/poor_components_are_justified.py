"""Using a poorly documented or poorly secured model or component is justified in writing."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped
from assaymark.checks.document._documents import filled, pick, pick_registers
from assaymark.checks.supplier._components import poor, risk_for, spoken_of
from assaymark.scan.facts import Document, HubReference, ModelFile, Register
from assaymark.system.system import System


@check(supports=("5.2.3-2",))
def poor_components_are_justified(
    models: tuple[ModelFile, ...],
    references: tuple[HubReference, ...],
    documents: tuple[Document, ...],
    registers: tuple[Register, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """Using a poorly documented or poorly secured model or component is justified in writing.

    Why: Sometimes there is no better supplier; then the next person has to find out why, and what was
    decided, without asking.

    Fix: Write docs/component-justification-NAME.md (why this one, what else was looked at, who
    decided), or put an accepted risk that names the component into the manifest; or replace it, for
    example by the same weights as safetensors.

    Blind spots: The tree shows formats that run code and repositories whose code is trusted; thin
    documentation of a component is seen only where its card lies in the tree.
    """
    papers = filled(pick(documents, ("justification", "due-diligence", "decision-record"), system))
    components = poor(models, references)
    if not components:
        justified = [p for p in papers if p.kind == "justification"]
        if justified:
            yield met("A justification is on record.", *(at("The justification.", p) for p in justified[:50]))
        else:
            yield not_applicable("No component that the tree shows to be poorly secured was found.")
        return
    tables = pick_registers(registers, ("risk", "model", "asset", "decision"))
    open_ = [
        c
        for c in components
        if not any(spoken_of(c, papers, tables)) and not risk_for(c, system, today.isoformat())
    ]
    if not open_:
        yield met(f"All {len(components)} poorly secured components are justified in writing.")
    elif len(open_) == len(components) and any(p.kind == "justification" for p in papers):
        yield partly_met(
            "A justification is there, but it names none of the components found.",
            *capped([at(f"{c.name}: {c.fault}.", c.at) for c in open_]),
            fix=f"Name {open_[0].name} in it.",
        )
    else:
        yield not_met(
            f"{len(open_)} of {len(components)} poorly secured components have no justification in the tree.",
            *capped([at(f"{c.name}: {c.fault}.", c.at) for c in open_]),
            tentative=True,
        )
