"""Whether tests, scans and evaluations can fail unnoticed."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, in_product
from assaymark.scan.facts import CiJob


@check(supports=("5.2.5-1", "5.2.5-2"))
def failures_stop_the_pipeline(jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """A failing test, scan or evaluation stops the pipeline.

    Why: `continue-on-error`, `allow_failure` and `|| true` turn a check into decoration: it runs, it is
    listed, and its result changes nothing.

    Fix: Remove the tolerance. Where one finding is accepted, name that finding in the scanner's own
    ignore file, with a reason, instead of ignoring all of them.

    Blind spots: A scanner that reports with exit code 0 by its own settings looks like one that stops.
    A job that is tried out before it becomes binding cannot be told from one that was silenced.
    """
    checking = [j for j in in_product(jobs) if j.tests or j.scans or j.evaluates]
    loose = [j for j in checking if j.ignores_failure]
    if not checking:
        yield not_observable("No pipeline in the tree runs tests, scanners or evaluations.")
    elif loose:
        yield not_met(
            f"Jobs that test, scan or evaluate and may fail unnoticed: {len(loose)} of {len(checking)}.",
            *capped(at(f"a failure within `{j.name}` is ignored", j) for j in loose),
            tentative=True,
        )
    else:
        yield met(f"Jobs that test, scan or evaluate: {len(checking)}, each stops on failure.")
