"""Whether a release or deployment can go out although tests failed."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import before, outward
from assaymark.scan.facts import CiJob


@check("5.2.5-2", supports=("5.2.5-1",))
def releases_are_gated_on_tests(jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """Nothing is released or deployed unless tests have succeeded first.

    Why: A pipeline that publishes on a tag or a push without waiting for tests ships whatever was
    committed, however broken or unsafe it is.

    Fix: Let the job that publishes or deploys name the test job in `needs:` (GitLab: a later stage;
    CircleCI: `requires:`), within the same workflow file, and drop `if: always()` from it.

    Blind spots: Rules kept at the hosting service (required checks on protected branches and tags) do
    not lie in the tree. What the tests cover is not judged here.
    """
    out = outward(in_product(jobs))
    if not out:
        yield not_observable(
            "No pipeline in the tree releases or deploys anything, so its gates cannot be seen; a workflow "
            "under .github/workflows or a .gitlab-ci.yml that does would show them."
        )
        return
    tested = [j for j in out if j.gated and any(b.tests or b.evaluates for b in before(j, jobs))]
    approved = [j for j in out if j.gated and j not in tested]
    loose = [j for j in out if not j.gated]
    if loose:
        yield not_met(
            f"Jobs that release or deploy without waiting for a test: {len(loose)} of {len(out)}.",
            *capped(at(f"`{j.name}` {_does(j)} and needs no job that tests", j) for j in loose),
            tentative=not any(_passes_by_broken_tests(j, jobs) for j in loose),
            fix=f"Add `needs: [<test job>]` to `{loose[0].name}` in {loose[0].at.path}.",
        )
    elif approved:
        yield partly_met(
            f"Jobs that release or deploy after an environment's approval, but after no test that their file "
            f"shows: {len(approved)} of {len(out)}.",
            *capped(at(f"`{j.name}` waits for people, not for tests", j) for j in approved),
            fix="Let the job also name the test job in `needs:`.",
        )
    else:
        yield met(
            f"What releases or deploys waits for tests: {counted(len(out), 'job')}.",
            *capped(at(f"`{j.name}` {_does(j)} after tests", j) for j in out),
        )


def _passes_by_broken_tests(job: CiJob, jobs: tuple[CiJob, ...]) -> bool:
    """Whether its workflow has tests, whose failure is ignored, and it does not even wait for them."""
    beside = (j for j in jobs if j.at.path == job.at.path and j.name not in (job.name, *job.needs))
    return any(j.tests and j.ignores_failure for j in beside)


def _does(job: CiJob) -> str:
    return (
        "releases and deploys" if job.releases and job.deploys else "releases" if job.releases else "deploys"
    )
