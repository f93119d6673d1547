"""A reconciliation of the register as lines for a terminal or a file."""

from assaymark.reconciliation import Difference, Reconciliation
from assaymark.report.text import counted, printable

__all__ = ["reconciliation_text"]


def reconciliation_text(found: Reconciliation) -> str:
    """What is missing, changed and extra, each with its place; then what could not be compared."""
    if not found.listed:
        lines = [f"There is no register to compare with; found: {counted(len(found.found), 'asset')}."]
        lines += [_line(d) for d in found.extra]
        advice = "Keep `assets:` in assaymark.yaml; `assaymark init` writes it from what is found."
        return "\n".join([*lines, advice]) + "\n"
    lines = [_line(d) for d in (*found.missing, *found.changed, *found.extra)]
    lines += [
        f"not seen  {printable(line.name)}: listed without a place in the tree, and nothing found here is it."
        for line in found.unseen
    ]
    lines += [
        f"no digest {printable(line.name)}: listed without sha256, so a change of it would go unseen."
        for line in found.unhashed
    ]
    counts = f"{len(found.missing)} missing, {len(found.changed)} changed, {len(found.extra)} extra"
    total = f"{counted(found.listed, 'listed asset')}, {len(found.found)} found: {counts}."
    return "\n".join([*lines, total]) + "\n"


def _line(one: Difference) -> str:
    place = f"{printable(str(one.at))}: " if one.at is not None else ""
    return f"{one.kind:<9} {place}{printable(one.message)}"
