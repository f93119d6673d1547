"""Whether a stranger's pull request or comment can run code beside secrets."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CiJob


@check(supports=("5.2.2-1#2", "5.2.3-1"))
def ci_keeps_secrets_from_untrusted_code(jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """No stranger's code or text runs in a pipeline job that holds secrets or write power.

    Why: A workflow started by `pull_request_target`, an issue or a comment runs with the repository's
    own rights. If it checks out and runs the stranger's branch, or pastes their title into a shell
    script, model keys, registry tokens and the release itself are theirs.

    Fix: Build and test contributions under `pull_request`, without secrets; hand results to a second
    workflow that does not run them. Pass event text through `env:` and quote it, never through `${{ }}`
    in `run:`.

    Blind spots: Only GitHub workflows are read this closely. Approval rules for outside contributors are
    kept at the hosting service. Conditions on author, label or fork are taken as sufficient.
    """
    known = [j for j in in_product(jobs) if j.system == "github"]
    exposed = [j for j in known if j.runs_untrusted]
    if exposed:
        yield not_met(
            f"{len(exposed)} of {counted(len(known), 'GitHub job')} runs what a stranger wrote, with "
            f"secrets or "
            "write power at hand.",
            *capped(at(f"`{j.name}` on {', '.join(j.triggers)} holds {_holds(j)}", j) for j in exposed),
            fix=f"Move `{exposed[0].name}` in {exposed[0].at.path} to `on: pull_request`, without secrets.",
        )
    elif known:
        yield met(
            f"None of {counted(len(known), 'GitHub job')} runs a stranger's code or text with secrets "
            "at hand."
        )
    else:
        yield not_observable(
            "There is no GitHub workflow in the tree; other pipelines are not read this closely."
        )


def _holds(job: CiJob) -> str:
    scopes = "a token that may write" if job.write_permissions else ""
    secrets = f"secrets ({', '.join(job.secrets[:5])})" if job.secrets else ""
    return " and ".join(filter(None, (secrets, scopes)))
