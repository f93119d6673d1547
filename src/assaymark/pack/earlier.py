"""The chain of assessments that the ledger records: none left out, the newest one this pack's."""

from collections.abc import Mapping, Sequence

from assaymark.ledger.entry import InvalidEntryError, body_of
from assaymark.ledger.ledger import Recorded
from assaymark.pack.format import ASSESSMENT, ENTRIES, REPORT, AssessmentV1, PackPredicate
from assaymark.pack.verification import Counts, Problem

__all__ = ["earlier_problems"]


def earlier_problems(
    entries: Sequence[Recorded], stated: PackPredicate, digests: Mapping[str, str], counts: Counts
) -> tuple[Problem, ...]:
    """What does not hold about the recorded assessments.

    Args:
        entries: proven entries, in the ledger's order.
        stated: the pack's predicate.
        digests: member → SHA-256.
        counts: verdicts as re-derived.
    """
    chain: list[tuple[Recorded, AssessmentV1]] = []
    for one in entries:
        if one.entry.type == ASSESSMENT:
            try:
                chain.append((one, body_of(one.entry, AssessmentV1)))
            except InvalidEntryError as error:
                return (Problem(_place(one), f"records no assessment: {error}."),)
    ours = next(((r, b) for r, b in chain if r.leaf == stated.assessment), None)
    if ours is None:
        return (Problem(ENTRIES, "holds no record of this assessment, which the statement names."),)
    broken = _broken([pair for pair in chain if pair[0].index <= ours[0].index])
    return (*broken, *_ours(*ours, stated, digests, counts))


def _broken(chain: Sequence[tuple[Recorded, AssessmentV1]]) -> tuple[Problem, ...]:
    problems = []
    before: tuple[Recorded, AssessmentV1] | None = None
    for one, body in chain:
        first = body.number == 1 and not body.previous
        follows = before is not None and (body.number, body.previous) == (
            before[1].number + 1,
            before[0].leaf,
        )
        begins = before is None and (first or body.number > 1)
        if not (follows or begins):
            told = (
                f"records assessment {body.number}, which does not follow the one before it: one is left out."
            )
            problems.append(Problem(_place(one), told))
        before = one, body
    return tuple(problems)


def _ours(
    one: Recorded,
    body: AssessmentV1,
    stated: PackPredicate,
    digests: Mapping[str, str],
    counts: Counts,
) -> list[Problem]:
    said = {
        "report": (body.report_sha256, digests.get(REPORT)),
        "number": (body.number, stated.assessments),
        "edition": (body.edition, stated.standard.edition),
        "catalogue": (body.catalogue_sha256, stated.standard.catalogue_sha256),
        "tool version": (body.tool_version, stated.verifier.version),
        "time": (body.assessed_at, stated.time_created),
        "commit": (body.git_commit, stated.git_commit),
        "counts": (
            (body.counts.passed, body.counts.failed, body.counts.inconclusive, body.counts.not_applicable),
            (counts.passed, counts.failed, counts.inconclusive, counts.not_applicable),
        ),
    }
    return [
        Problem(_place(one), f"records this assessment with another {name} than the pack has.")
        for name, (recorded, found) in said.items()
        if recorded != found
    ]


def _place(one: Recorded) -> str:
    return f"{ENTRIES} (entry {one.index})"
