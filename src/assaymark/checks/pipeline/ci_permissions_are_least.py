"""Whether pipeline jobs hold more power than their work needs."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_met, not_observable
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CiJob

_OWN_REASON = {"id-token", "attestations", "pages", "security-events", "checks", "statuses", "models"}
"""Scopes that cannot change the repository, its packages or its releases."""


@check(supports=("5.2.2-1#2", "5.2.2-3#2"))
def ci_permissions_are_least(jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """Each pipeline job states its token's permissions, and only those that publish may write.

    Why: A compromised test dependency runs with the token of the job that installed it. A token that
    can only read cannot push code, replace a model or publish a package.

    Fix: Put `permissions: {contents: read}` at the top of each workflow and add a write scope only to
    the one job that needs it.

    Blind spots: The hosting service may set read-only tokens for the whole organisation, which the
    tree does not show; only GitHub workflows state permissions in the file.
    """
    known = [j for j in in_product(jobs) if j.system == "github"]
    if not known:
        yield not_observable(
            "There is no GitHub workflow in the tree; other pipelines keep permissions elsewhere."
        )
        return
    unstated = [j for j in known if "all" in j.write_permissions]
    wide = [j for j in known if _idle_power(j)]
    if unstated or wide:
        details = [at(f"`{j.name}` states no limit to what its token may write", j) for j in unstated]
        details += [at(f"`{j.name}` only tests or scans, yet may write {_scopes(j)}", j) for j in wide]
        yield not_met(
            f"{len(unstated) + len(wide)} of {counted(len(known), 'job')} hold more than they show a "
            "need for.",
            *capped(details),
            tentative=True,
            fix=f"Put `permissions: {{contents: read}}` at the top of {(unstated or wide)[0].at.path}.",
        )
    else:
        writers = [j for j in known if j.write_permissions]
        yield met(
            f"All {counted(len(known), 'job')} state what their token may do; {len(writers)} may "
            f"write something.",
            *capped(at(f"`{j.name}` may write {_scopes(j)}", j) for j in writers),
        )


def _idle_power(job: CiJob) -> bool:
    works = job.tests or job.scans or job.evaluates
    publishes = job.releases or job.deploys or job.signs
    return (
        bool(works)
        and not publishes
        and bool({"contents", "packages"} & set(job.write_permissions) - _OWN_REASON)
    )


def _scopes(job: CiJob) -> str:
    return ", ".join(job.write_permissions)
