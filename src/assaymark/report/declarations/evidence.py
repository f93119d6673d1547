"""Ledger entries, waivers and next steps as CycloneDX evidence: digests and words, never contents."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from assaymark.assess.assessment import Assessment, Evidence, ProvisionResult
from assaymark.assess.obligation import is_attested
from assaymark.observation import Outcome
from assaymark.report.declarations.names import evidence_ref, steps_ref, waiver_ref
from assaymark.system.system import System

__all__ = ["TELLING", "evidence_of", "strategies_of"]

TELLING = (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)
"""Outcomes that speak for or against something; entries that found nothing to see support no claim."""
_MOST = 100
"""Subjects listed for an entry; the ledger's leaf covers them all."""


def evidence_of(a: Assessment) -> list[dict[str, Any]]:
    """An item for each entry that speaks for or against something."""
    words = {x.location or x.name: x.classification for x in a.system.assets if x.classification}
    return [_entry(e, words) for e in a.evidence if e.observation.outcome in TELLING]


def _entry(e: Evidence, words: dict[str, str]) -> dict[str, Any]:
    o = e.observation
    left = len(o.subjects) - _MOST
    more = f" {left:,} further subjects are covered by the leaf." if left > 0 else ""
    state = "" if not e.stale_because else f" No longer current: {e.stale_because}."
    source = f" Reported by {o.by}." if o.by and not is_attested(o) else ""
    found: dict[str, Any] = {
        "bom-ref": evidence_ref(e.index),
        "propertyName": f"assaymark:{o.check}",
        "description": f"{o.summary}{source}{state}{more}",
        "data": [
            _datum(f"ledger entry {e.index}", f"leaf-sha256:{e.leaf}"),
            *(_datum(s.name, f"sha256:{s.sha256}", words.get(s.name, "")) for s in o.subjects[:_MOST]),
        ],
        "created": _start_of(o.made_on) or e.recorded_at,
    }
    if expires := _end_of(o.valid_until):
        found["expires"] = expires
    # An author is a person in this format; a tool whose report was imported is named in words.
    return {**found, "author": {"name": f"{o.by}, {o.role}" if o.role else o.by}} if is_attested(o) else found


def _datum(name: str, digest: str, classification: str = "") -> dict[str, Any]:
    found = {"name": name, "contents": {"attachment": {"contentType": "text/plain", "content": digest}}}
    return {**found, "classification": classification} if classification else found


def _start_of(day: str) -> str:
    return f"{day}T00:00:00Z" if _is_date(day) else ""


def _end_of(day: str) -> str:
    """The last second of a day; nothing where the statement gives no date."""
    return f"{day}T23:59:59Z" if _is_date(day) else ""


def _is_date(day: str) -> bool:
    try:
        return date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def strategies_of(r: ProvisionResult, system: System, assessed_at: str) -> Iterator[dict[str, Any]]:
    """What is or could be done about a provision that does not pass: the next steps, and a waiver."""
    if r.moves:
        yield {
            "bom-ref": steps_ref(r.id),
            "propertyName": "assaymark:next-steps",
            "description": " ".join(r.moves),
            "created": assessed_at,
        }
    if r.waiver is not None:
        found = {
            "bom-ref": waiver_ref(r.id),
            "propertyName": "assaymark:waiver",
            "description": f"Waived, which changes no verdict: {r.waiver.reason}",
            "author": {"name": r.waiver.owner or system.owner or "not named"},
        }
        expires = _end_of(r.waiver.until)
        yield {**found, "expires": expires} if expires else found
