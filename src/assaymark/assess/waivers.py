"""Which waivers count today, and what is wrong with the others."""

from datetime import date

from assaymark.system.system import System, Waiver

__all__ = ["invalid_waivers", "valid_waivers"]


def valid_waivers(system: System, today: date) -> dict[str, Waiver]:
    """Provision id → the waiver that counts today; the one that ends last, if several do."""
    valid = [w for w in system.waivers if not _fault(w, today)]
    return {w.provision: w for w in sorted(valid, key=lambda w: w.until)}


def invalid_waivers(system: System, today: date) -> tuple[str, ...]:
    """One sentence for each waiver that does not count."""
    faults = ((w, _fault(w, today)) for w in system.waivers)
    return tuple(f"The waiver of {w.provision} does not count: {fault}." for w, fault in faults if fault)


def _fault(waiver: Waiver, today: date) -> str:
    for field in ("reason", "owner"):
        if not getattr(waiver, field).strip():
            return f"it names no {field}"
    try:
        until = date.fromisoformat(waiver.until)
    except ValueError:
        return f"its end, {waiver.until!r}, is no date"
    return f"it ended on {waiver.until}" if until < today else ""
