"""Whether container images can change under the system."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.observation import Detail
from assaymark.scan.facts import ContainerBuild, Deployment


@check(supports=("5.2.3-1", "5.2.1-2#3"))
def images_are_pinned(
    builds: tuple[ContainerBuild, ...], deployments: tuple[Deployment, ...]
) -> Iterator[Finding]:
    """Base images and deployed images are fixed by digest.

    Why: A tag can be moved to another image at any time, so tomorrow's build may hold other code, and a
    model server named `latest` may treat the same prompts differently.

    Fix: Write `image:tag@sha256:…` (`docker buildx imagetools inspect IMAGE` prints the digest) and let
    Renovate or Dependabot raise it.

    Blind spots: Digests filled in at deployment by a tool outside the tree are not seen. Images that the
    project builds itself are pinned by its own release process, which is not judged here.
    """
    bases = [(b, f) for f in in_product(builds) for b in f.bases if b != "scratch" and "$" not in b]
    images = [
        (d.image, d)
        for d in in_product(deployments)
        if d.image and "$" not in d.image and "templated" not in d.image
    ]
    every = [*bases, *images]
    if not every:
        yield not_applicable("The tree names no container image from elsewhere.")
        return
    loose = [(image, fact) for image, fact in every if "@sha256:" not in image]
    moving = [(image, fact) for image, fact in loose if _moves(image)]
    details: list[Detail] = [at(f"{image} moves with every release", fact) for image, fact in moving]
    details += [at(f"{image} is fixed by tag only", f) for image, f in loose if not _moves(image)]
    if moving:
        yield not_met(
            f"{len(moving)} of {counted(len(every), 'image')} carry no version or `latest`; "
            f"{len(loose)} have no digest.",
            *capped(details),
            tentative=True,
        )
    elif loose:
        yield partly_met(
            f"{len(loose)} of {counted(len(every), 'image')} are fixed by tag but not by digest.",
            *capped(details),
        )
    else:
        yield met(f"All {counted(len(every), 'image')} are fixed by digest.")


def _moves(image: str) -> bool:
    name = image.rpartition("/")[2]
    return ":" not in name or name.endswith((":latest", ":main", ":master", ":nightly", ":edge", ":dev"))
