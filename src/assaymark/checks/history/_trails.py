"""What the checks on history share: whether there is one, and which changes are settings."""

from collections.abc import Iterable, Sequence

from assaymark.observation import Detail
from assaymark.scan.facts import Change, History, Trail

__all__ = ["OPERATION", "readable", "revisions", "shown"]

OPERATION = ("prompt", "model-setting", "model", "configuration")
"""Trails of what decides how the system works."""


def readable(histories: Sequence[History]) -> History | None:
    """The history, if commits could be read."""
    return next((h for h in histories if h.available), None)


def revisions(trails: Iterable[Trail], subjects: Iterable[str]) -> list[tuple[Trail, Change]]:
    """Changes after the first of each trail, newest first; each commit once.

    A commit that touches several files is one change. The first commit of a trail that was read to
    its beginning introduces the file rather than changing it.
    """
    found: dict[str, tuple[Trail, Change]] = {}
    for trail in trails:
        if trail.subject in subjects:
            whole = trail.total == len(trail.changes) and trail.subject != "model-setting"
            for change in trail.changes[:-1] if whole else trail.changes:
                found.setdefault(change.commit, (trail, change))
    return sorted(found.values(), key=lambda pair: pair[1].date, reverse=True)


def shown(pairs: Iterable[tuple[Trail, Change]]) -> list[Detail]:
    """One line a change: date, author, subject."""
    return [Detail(f"{c.date[:10]}, {c.author}: {c.subject[:100]} ({c.commit[:10]})", t.at) for t, c in pairs]
