"""Whoever outside answers for AI risks in the infrastructure has given assurance that is in date."""

from collections.abc import Iterator
from datetime import date

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks.document._documents import covered_by, filled, pick, pick_registers
from assaymark.observation import Detail
from assaymark.scan.facts import Document, Register
from assaymark.system.system import System

_UNTIL = ("until", "expires", "expiry", "valid")


@check(supports=("5.1.3-3",))
def external_risk_owners_give_assurance(
    documents: tuple[Document, ...], registers: tuple[Register, ...], system: System, today: date
) -> Iterator[Finding]:
    """Whoever outside answers for AI risks in the infrastructure has given assurance that is in date.

    Why: A risk that was handed to somebody else is treated only if that somebody can treat it.

    Fix: Keep an assurance column (certificate, audit report, statement) and its end date in the register of
    suppliers, and renew what has ended.

    Blind spots: It reads dates in registers; what a certificate covers is not judged.
    """
    tables = pick_registers(registers, ("supplier",))
    papers = filled(pick(documents, ("due-diligence", "supplier-register", "contract-review"), system))
    assured = [
        (t, i) for t in tables for i, c in enumerate(t.columns) if "assurance" in c or "certificate" in c
    ]
    ended = [d for t in tables for d in _ended(t, today)]
    if ended:
        yield not_met(
            f"Assurances of suppliers that have ended: {len(ended)}.",
            *ended[:50],
            tentative=True,
            fix="Ask for the renewed certificate or report and enter its end.",
        )
    elif any(row[i].strip(" -–—") for t, i in assured for row in t.rows if i < len(row)):
        yield met(
            "Suppliers' assurance is on record and none of it has ended.",
            *(at("The register.", t) for t, _ in assured),
        )
    elif (place := covered_by(papers, ("assurance",))) is not None:
        yield partly_met(
            "A document speaks of a supplier's assurance; until when is not said.", at("Here.", place)
        )
    else:
        yield not_observable(
            "No assurance by an external risk owner is in the tree; it may be kept elsewhere."
        )


def _ended(table: Register, today: date) -> Iterator[Detail]:
    places = [i for i, c in enumerate(table.columns) if any(w in c for w in _UNTIL)]
    for row in table.rows:
        for i in places:
            try:
                day = date.fromisoformat(row[i].strip()[:10])
            except (ValueError, IndexError):
                continue
            if day < today:
                yield at(f"{row[0][:60]}: ended on {day.isoformat()}.", table)
