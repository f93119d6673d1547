"""Reading training registers."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from assaymark.checks.document._documents import age_in_months, column
from assaymark.observation import Location
from assaymark.scan.facts import Register

__all__ = ["MONTHS", "Training", "trainings"]

MONTHS = 12
"""Months for which a completed course counts (ours)."""


class Training(Struct, frozen=True):
    """One row of a training register."""

    name: str
    role: str
    module: str
    completed: str
    """As written; empty if it was not completed."""
    at: Location

    def current(self, today: date) -> bool:
        """Whether it was completed within the last `MONTHS` months."""
        try:
            done = date.fromisoformat(self.completed.strip()[:10])
        except ValueError:
            return False
        return done <= today and age_in_months(done, today) < MONTHS


def trainings(registers: Sequence[Register]) -> Iterator[Training]:
    """Every row of every training register."""
    for register in registers:
        if register.kind != "training":
            continue
        cells = [column(register, c) for c in ("name", "role", "module", "completed")]
        for number in range(len(register.rows)):
            name, role, module, completed = (c[number].strip() if c else "" for c in cells)
            yield Training(name, role, module, completed, register.at)
