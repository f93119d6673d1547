"""Each external model, data set and provider has an assessment on record."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_observable, partly_met
from assaymark.checks._findings import capped, in_product
from assaymark.checks.document._documents import filled, pick, pick_registers
from assaymark.checks.supplier._components import external, risk_for, spoken_of
from assaymark.scan.facts import Document, HubReference, LlmCall, Register
from assaymark.system.system import System

_KINDS = ("due-diligence", "risk-assessment", "supplier-register", "justification", "asset-register")


@check(supports=("5.1.2-4",))
def external_components_are_assessed(
    calls: tuple[LlmCall, ...],
    references: tuple[HubReference, ...],
    documents: tuple[Document, ...],
    registers: tuple[Register, ...],
    system: System,
    today: date,
) -> Iterator[Finding]:
    """Each external model, data set and provider has an assessment on record.

    Why: What you take from others acts with your system's rights; nobody else will have asked whether
    it is poisoned, abandoned or forbidden to you.

    Fix: Keep a register of suppliers and components (docs/suppliers.md or supplier-register.csv) with
    the date of each assessment, and the assessments beside it; or record an accepted risk in the
    manifest that names the component.

    Blind spots: A component counts as assessed if a register or an assessment names it; how good the
    assessment is, is not judged. Ordinary packages are left to the checks on dependencies.
    """
    components = external(calls, references)
    if not components:
        yield _unnamed([r for r in references if not r.local and r.kind in ("model", "dataset")])
        return
    papers = filled(pick(documents, _KINDS, system))
    tables = pick_registers(registers, ("supplier", "model", "data", "asset", "risk"))
    open_ = [
        c
        for c in components
        if not any(spoken_of(c, papers, tables)) and not risk_for(c, system, today.isoformat())
    ]
    if not open_:
        yield met(
            "External components, each named by a register, an assessment or an accepted risk: "
            f"{len(components)}.",
            *capped([at(f"{c.name} is used here.", c.at) for c in components]),
        )
    elif len(open_) < len(components) or papers or tables:
        yield partly_met(
            f"External components without an assessment on record: {len(open_)} of {len(components)}.",
            *capped([at(f"{c.name} ({c.kind}) is used here.", c.at) for c in open_]),
            fix=f"Assess {open_[0].name} and add it to the register of suppliers and components.",
        )
    else:
        yield not_observable(
            f"No assessment of external components is in the tree (in use: {len(components)}); it may be "
            "kept elsewhere.",
            *capped([at(f"{c.name} ({c.kind}) is used here.", c.at) for c in open_]),
        )


def _unnamed(references: list[HubReference]) -> Finding:
    """Components whose names only a running system knows."""
    own = in_product(references)
    if not own:
        return not_applicable("No external model, data set or model provider was found in the code.")
    return not_observable(
        f"{len(own)} loads of models or data sets take a name that is decided at run time; "
        "a register of components would show which.",
        *capped([at(f"`{r.loader}` takes it here.", r) for r in own]),
    )
