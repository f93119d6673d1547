"""Whether what is released went through a security assessment that the pipeline shows."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import before, outward
from assaymark.scan.facts import CiJob


@check("5.2.5-1", supports=("5.4.1-2",))
def security_tests_run_before_release(jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """Scanners and an AI evaluation both run, and can stop the pipeline, before anything is released.

    Why: Ordinary tests say that a system works. Only a security assessment, with scanners for code,
    dependencies and models and with adversarial prompts or inputs for the AI part, says how it breaks.

    Fix: Add one job with scanners (pip-audit, trivy, gitleaks, modelscan) and one with an AI red-team or
    evaluation run (garak, promptfoo, PyRIT, TextAttack), and name both in `needs:` of the release job.

    Blind spots: Penetration tests and red-team exercises held outside the pipeline are not seen: a dated
    report in docs/ or an attestation shows those. How good the tests are is not judged.
    """
    mine = in_product(jobs)
    out = outward(mine)
    scans = [j for j in mine if j.scans]
    evaluates = [j for j in mine if j.evaluates]
    swallowed = [j for j in (*scans, *evaluates) if j.ignores_failure and not j.tests]
    seen = [at(f"`{j.name}` runs {', '.join(j.scans)}", j) for j in scans]
    seen += [at(f"`{j.name}` runs an AI evaluation", j) for j in evaluates]
    if not scans and not evaluates:
        yield not_observable(
            f"No pipeline job ({len(mine)} seen) runs a security scanner or an "
            f"AI evaluation; if the "
            "assessment is held elsewhere, its report belongs in docs/."
        )
    elif swallowed and len(swallowed) == len({*scans, *evaluates}):
        yield not_met(
            f"{counted(len(swallowed), 'security job')} may fail without stopping anything.",
            *capped(at(f"the failure of `{j.name}` is ignored", j) for j in swallowed),
            tentative=True,
        )
    elif scans and evaluates and out and not swallowed and all(_assessed(j, mine) for j in out):
        yield met(
            f"Scanners and an AI evaluation stand before all {counted(len(out), 'job')} that release "
            f"or deploy.",
            *capped(seen),
        )
    else:
        yield partly_met(
            f"Seen, but not all of it before every release: {_which(scans, evaluates)}.", *capped(seen)
        )


def _assessed(job: CiJob, jobs: list[CiJob]) -> bool:
    earlier = before(job, jobs)
    return any(b.scans for b in earlier) and any(b.evaluates for b in earlier)


def _which(scans: list[CiJob], evaluates: list[CiJob]) -> str:
    parts = [counted(len(scans), "job") + " with scanners"] if scans else []
    parts += [counted(len(evaluates), "job") + " with an AI evaluation"] if evaluates else []
    return " and ".join(parts)
