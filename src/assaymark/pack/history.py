"""That an assessment was packed is itself recorded, each such entry naming the one before it.

So whoever holds a pack sees how many there were, and none between two of them can be left out afterwards.
It does not show assessments that were made and never packed, nor those in another ledger.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from assaymark.assess.assessment import Assessment
from assaymark.ledger.entry import body_of, entry
from assaymark.ledger.ledger import Recorded
from assaymark.observation import digest_of
from assaymark.pack.format import ASSESSMENT, MAX_EARLIER, AssessmentV1, CountsV1
from assaymark.pack.log import Log
from assaymark.report.view import tally

__all__ = ["Assessed", "one_at_a_time", "record_assessment"]


class Assessed(Struct, frozen=True, kw_only=True):
    """The assessments of a system that a ledger records."""

    entry: Recorded
    """The one at hand."""
    number: int
    """Its number, from 1."""
    indices: tuple[int, ...]
    """Ledger indices of the newest ones, oldest first; the one at hand is among them."""


@contextmanager
def one_at_a_time(key: Path) -> Iterator[None]:
    """Keep other processes that record with the machine's key (its file) waiting meanwhile.

    Two that recorded at once would name the same one before them, as if one had been left out.
    """
    handle = os.open(key, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def record_assessment(log: Log, assessment: Assessment, report_sha256: str) -> Assessed:
    """Record that `assessment` gave the report with that digest, unless the ledger says so already.

    Call it within `one_at_a_time` where other processes may record.
    """
    key = digest_of((ASSESSMENT, assessment.system.name))
    known = _known(log, key)
    if not any(body.report_sha256 == report_sha256 for body, _ in known):
        body = _body(assessment, report_sha256, known)
        new = entry(ASSESSMENT, body, time=assessment.assessed_at, system=assessment.system.name, key=key)
        log.append([new])
        known = _known(log, key)
    number, ours = next((b.number, r) for b, r in reversed(known) if b.report_sha256 == report_sha256)
    newest = {r.index for _, r in known[-MAX_EARLIER:]} | {ours.index}
    return Assessed(entry=ours, number=number, indices=tuple(sorted(newest)))


def _known(log: Log, key: str) -> list[tuple[AssessmentV1, Recorded]]:
    found = log.recorded([key]).get(key, ())
    return [(body_of(r.entry, AssessmentV1), r) for r in found]


def _body(a: Assessment, report_sha256: str, known: list[tuple[AssessmentV1, Recorded]]) -> AssessmentV1:
    counts = tally(a.results)
    last = known[-1] if known else None
    return AssessmentV1(
        number=last[0].number + 1 if last else 1,
        previous=last[1].leaf if last else "",
        report_sha256=report_sha256,
        edition=a.edition,
        catalogue_sha256=a.catalogue_sha256,
        tool_version=a.tool_version,
        assessed_at=a.assessed_at,
        git_commit=a.commit,
        counts=CountsV1(
            passed=counts.passed,
            failed=counts.failed,
            inconclusive=counts.inconclusive,
            not_applicable=counts.not_applicable,
        ),
    )
