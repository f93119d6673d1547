"""Whether images that are served carry the data that a model was trained on."""

import fnmatch
import posixpath
from collections.abc import Iterator

from assaymark.checks._check import (
    Finding,
    at,
    check,
    met,
    not_applicable,
    not_met,
    not_observable,
    partly_met,
)
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import ContainerBuild, DataFile, IgnoreRule


@check(supports=("5.2.2-3#3", "5.2.1-4"))
def training_data_stays_out_of_production(
    builds: tuple[ContainerBuild, ...], data: tuple[DataFile, ...], rules: tuple[IgnoreRule, ...]
) -> Iterator[Finding]:
    """No container image copies training, validation or feedback data.

    Why: An image is pulled to many places and kept for years; data that slipped into it through
    `COPY . .` has left the environment in which it was protected.

    Fix: Name the data folders in .dockerignore, and copy source folders by name instead of everything.
    Give training an image of its own.

    Blind spots: Data that a build downloads, or that production mounts from a bucket, is not seen.
    Whether the data is public, and so free to be there, is for a person to say.
    """
    images = [b for b in in_product(builds) if "train" not in b.at.path.lower()]
    training = [d for d in in_product(data) if d.role in ("train", "test", "validation", "feedback")]
    if not images:
        yield not_applicable("The tree builds no container image for production.")
        return
    if not data:
        yield not_observable(
            f"{counted(len(images), 'container build')}, and no data file in the tree that it could "
            f"copy; data that a "
            "build downloads is not seen."
        )
        return
    ignored = [r.pattern for r in rules if r.file in (".dockerignore", ".containerignore")]
    copied = [
        (b, d)
        for b in images
        for d in training
        if _copies(b, d.at.path) and not _left_out(d.at.path, ignored)
    ]
    other = [
        d
        for d in in_product(data)
        if any(_copies(b, d.at.path) for b in images) and not _left_out(d.at.path, ignored)
    ]
    if copied:
        yield not_met(
            f"{counted(len({d.at.path for _, d in copied}), 'data file')} used for training or "
            f"testing end up in an image.",
            *capped(at(f"{d.at.path} ({d.role}) is copied into the image", b) for b, d in copied),
            tentative=True,
            fix=f"Add `{posixpath.dirname(copied[0][1].at.path) or copied[0][1].at.path}` to .dockerignore.",
        )
    elif other:
        yield partly_met(
            f"{counted(len(other), 'data file')} of unclear use end up in an image; none is marked as "
            f"training data.",
            *capped(at("is copied into an image", d) for d in other),
        )
    else:
        yield met(
            f"{counted(len(images), 'container build')} copies none of {counted(len(data), 'data file')}."
        )


def _copies(build: ContainerBuild, path: str) -> bool:
    context = posixpath.dirname(build.at.path)
    inside = path[len(context) + 1 :] if context and path.startswith(context + "/") else path
    for source in build.copies:
        source = posixpath.normpath(source.lstrip("/"))
        if source in (".", "*") or any(
            p == source or p.startswith(source + "/") or fnmatch.fnmatchcase(p, source)
            for p in (inside, path)
        ):
            return True
    return False


def _left_out(path: str, patterns: list[str]) -> bool:
    parts = path.split("/")
    prefixes = ["/".join(parts[: i + 1]) for i in range(len(parts))]
    kept = [p[1:] for p in patterns if p.startswith("!")]
    plain = [p.strip("/").removeprefix("**/") for p in patterns if not p.startswith("!")]
    if any(fnmatch.fnmatchcase(prefix, k.strip("/")) for k in kept for prefix in prefixes):
        return False
    return any(
        fnmatch.fnmatchcase(prefix, p) or fnmatch.fnmatchcase(parts[-1], p)
        for p in plain
        for prefix in prefixes
    )
