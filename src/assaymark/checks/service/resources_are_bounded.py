"""Whether one service can use up the machine."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import Deployment


@check(supports=("5.1.2-2",))
def resources_are_bounded(deployments: tuple[Deployment, ...]) -> Iterator[Finding]:
    """Each deployed service has a bound on memory or CPU.

    Why: Long prompts, large uploads and endless agent loops cost memory and time. Without a bound, one
    caller takes down every service on the machine.

    Fix: Set `deploy.resources.limits` (compose) or `resources.limits` (Kubernetes) for each service, and
    a time-out for each function.

    Blind spots: Quotas of a namespace, limits of a cloud service and bounds inside the model server are
    not seen here.
    """
    mine = [d for d in in_product(deployments) if d.environment not in ("dev", "test")]
    free = [d for d in mine if not d.limits]
    if not mine:
        yield not_applicable("The tree deploys no service outside development and tests.")
    elif free:
        models = sum(d.serves_model for d in free)
        yield not_met(
            f"{len(free)} of {counted(len(mine), 'deployed service')} have no bound on memory or CPU; "
            f"{models} serve a model.",
            *capped(
                at(f"{d.name} may use all of its machine", d)
                for d in sorted(free, key=lambda d: not d.serves_model)
            ),
            tentative=True,
        )
    else:
        yield met(f"All {counted(len(mine), 'deployed service')} have a bound on memory or CPU.")
