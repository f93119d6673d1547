"""Whether images are built from the locked versions."""

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
from assaymark.scan.facts import ContainerBuild, Lockfile


@check(supports=("5.2.3-1",))
def installs_follow_the_lock(
    builds: tuple[ContainerBuild, ...], locks: tuple[Lockfile, ...]
) -> Iterator[Finding]:
    """Images install exactly what the lock file fixes.

    Why: A lock file that the build does not use protects nobody: `npm install` may change it, and
    `pip install -r requirements.txt` resolves anew what it does not name.

    Fix: Use the strict form in each Dockerfile: `uv sync --locked`, `npm ci`, `pnpm install
    --frozen-lockfile`, `pip install --require-hashes -r requirements.txt`.

    Blind spots: Only container builds are read; installs on servers by hand, or by a script that the
    image copies and runs, are not. Poetry's and pip's own settings are taken at their defaults.
    """
    installing = [b for b in in_product(builds) if b.uses_lock is not None]
    loose = [b for b in installing if not b.uses_lock]
    if not installing:
        yield not_applicable("No container build in the tree installs Python or JavaScript packages.")
    elif loose and not locks:
        yield not_observable(
            f"{counted(len(loose), 'container build')} installs packages, but there is no lock file "
            f"to follow; see "
            "dependencies_are_locked."
        )
    elif loose and any(lock.at.path.endswith((".txt", ".in")) for lock in locks):
        yield partly_met(
            f"{len(loose)} of {counted(len(installing), 'container build')} install with pip or uv; "
            f"the lock is a "
            "requirements file, and whether each build installs from it is not seen.",
            *capped(
                at("installs packages; see that it names the locked requirements file", b) for b in loose
            ),
            fix="Install with `pip install --require-hashes -r <locked file>`.",
        )
    elif loose:
        yield not_met(
            f"{len(loose)} of {counted(len(installing), 'container build')} install past the lock file.",
            *capped(at("installs packages without the strict form of a lock", b) for b in loose),
            tentative=True,
        )
    else:
        yield met(
            f"All {counted(len(installing), 'container build')} install strictly from a lock.",
            *capped(at("installs from the lock", b) for b in installing),
        )
