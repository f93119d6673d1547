"""Each of the latest releases stands in the change log."""

import re
from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted
from assaymark.observation import Detail
from assaymark.scan.facts import Document, History

LATEST = 5
"""Releases that are compared (ours)."""
_VERSION = re.compile(r"(?:\A|[^\d.])v?(\d+\.\d+(?:\.\d+)?)")


@check(supports=("5.3.1-2.2", "5.2.3-4"))
def releases_are_announced(
    histories: tuple[History, ...], documents: tuple[Document, ...]
) -> Iterator[Finding]:
    """Each of the latest releases stands in the change log.

    Why: End-users and Operators can react to a new model or a security fix only if somebody tells them,
    and a change log with gaps tells them that nothing happened.

    Fix: Write an entry for each tag into CHANGELOG.md before it is released: what changed, whether it
    matters for security, and what to do. Let the release job fail without it.

    Blind spots: Mails, release pages and notices in the product are not seen. It compares version
    numbers, and cannot tell whether the entry is clear or came in time.
    """
    tags = [(name, day) for h in histories for name, day in h.tags if _VERSION.search(name)][:LATEST]
    logs = [
        d for d in documents if d.kind in ("changelog", "release-notes", "update-notice") and not d.template
    ]
    told = {_plain(v) for d in logs for v in (*d.versions, *(s.title for s in d.sections))}
    silent = [(name, day) for name, day in tags if _plain(name) not in told]
    total = counted(len(tags), "latest release")
    if not tags:
        yield not_applicable("No release is tagged in the history that was read.")
    elif not logs:
        yield not_observable(f"There is no change log to look for the {total} in.")
    elif not silent:
        yield met(f"All {total} stand in the change log.", *(at("The change log.", d) for d in logs))
    elif len(silent) < len(tags):
        yield partly_met(f"{len(silent)} of {total} are not in the change log.", *capped(_shown(silent)))
    else:
        summary = f"None of the {total} is in the change log."
        yield not_met(summary, *capped(_shown(silent)), tentative=True)


def _shown(tags: list[tuple[str, str]]) -> list[Detail]:
    return [Detail(f"`{name}` of {day[:10]} is not mentioned.") for name, day in tags]


def _plain(version: str) -> str:
    found = _VERSION.search(version)
    return found[1].removesuffix(".0") if found else version
