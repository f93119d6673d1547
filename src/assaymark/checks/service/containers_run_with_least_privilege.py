"""Whether a broken-into container is also a broken-into host."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import ContainerBuild, Deployment

_ROOT = ("", "root", "0", "0:0", "root:root")


@check(supports=("5.2.2-1#2", "5.2.2-3#2"))
def containers_run_with_least_privilege(
    builds: tuple[ContainerBuild, ...], deployments: tuple[Deployment, ...]
) -> Iterator[Finding]:
    """Containers run as an ordinary user, without host powers and without the Docker socket.

    Why: Model servers and agents run code that prompts and model files can influence. With host
    networking, privileged mode or the Docker socket, one hole in them is a hole in everything.

    Fix: Add `USER 10001` as the last user of the final stage; drop `privileged:`, `network_mode: host`
    and the docker.sock mount; give an agent that must start containers a separate, rootless daemon.

    Blind spots: A security context set by the cluster, and the user that a base image already sets, are
    not seen.
    """
    mine, images = in_product(deployments), in_product(builds)
    if not mine and not images:
        yield not_applicable("The tree builds and deploys no containers.")
        return
    powerful = [d for d in mine if d.privileged]
    rooted = [b for b in images if b.user.split("$")[0].lower() in _ROOT and not _rootless(b)]
    if powerful:
        live = [d for d in powerful if d.environment not in ("dev", "test")]
        yield not_met(
            f"{len(powerful)} of {counted(len(mine), 'deployed service')} hold powers over their host.",
            *capped(
                at(f"{d.name} is privileged, on the host's network, or holds the Docker socket", d)
                for d in powerful
            ),
            tentative=not live,
        )
    if rooted:
        yield not_met(
            f"{len(rooted)} of {counted(len(images), 'container build')} end as root.",
            *capped(at("the final stage sets no ordinary user", b) for b in rooted),
            tentative=True,
        )
    if not powerful and not rooted:
        yield met(
            f"{counted(len(images), 'container build')} with an ordinary user, "
            f"{counted(len(mine), 'deployed service')} "
            "without host powers."
        )


def _rootless(build: ContainerBuild) -> bool:
    return bool(build.bases) and all(
        any(w in b for w in ("nonroot", "unprivileged", "rootless")) for b in build.bases[-1:]
    )
