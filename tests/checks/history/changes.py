"""Short ways to write facts of the git history."""

import hashlib

from assaymark.observation import Location
from assaymark.scan.facts import Change, History, Trail

__all__ = ["change", "history", "trail"]


def history(*, available: bool = True, problem: str = "", tags: tuple[tuple[str, str], ...] = ()) -> History:
    """A history of ten commits."""
    return History(at=Location(".git"), available=available, problem=problem, commits=10, tags=tags)


def change(
    day: str,
    *,
    value: str = "",
    reasoned: bool = False,
    touches_risk: bool = False,
    touches_evaluation: bool = False,
) -> Change:
    """A commit of that day."""
    return Change(
        commit=hashlib.sha256(day.encode()).hexdigest()[:40], date=f"{day}T12:00:00+00:00", author="Ann",
        subject="update", value=value, reasoned=reasoned, touches_risk=touches_risk,
        touches_evaluation=touches_evaluation,
    )  # fmt: skip


def trail(subject: str, *changes: Change, path: str = "app/settings.py") -> Trail:
    """A trail, newest change first."""
    return Trail(
        at=Location(path), subject=subject, first=changes[-1].date, last=changes[0].date, changes=changes,
        total=len(changes),
    )  # fmt: skip
