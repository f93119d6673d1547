"""What checks on pipelines, dependencies and services share: own facts, details within bounds."""

from collections.abc import Iterable
from typing import TypeVar

from assaymark.observation import Detail
from assaymark.scan.facts import CiJob, Dependency, Fact
from assaymark.scan.paths import is_documentation_path, is_example_path, is_test_path

__all__ = ["before", "capped", "count", "each_once", "outward", "product"]

DETAIL_LIMIT = 50
F = TypeVar("F", bound=Fact)


def product(facts: Iterable[F]) -> list[F]:
    """Facts outside tests, examples and documentation."""
    return [
        f
        for f in facts
        if not (is_test_path(f.at.path) or is_example_path(f.at.path) or is_documentation_path(f.at.path))
    ]


def capped(details: Iterable[Detail]) -> tuple[Detail, ...]:
    """At most fifty details; a last one says how many more there are."""
    every = list(details)
    if len(every) <= DETAIL_LIMIT:
        return tuple(every)
    return (*every[:DETAIL_LIMIT], Detail(f"and {len(every) - DETAIL_LIMIT} more of the same kind"))


def count(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def each_once(dependencies: Iterable[Dependency]) -> list[Dependency]:
    """One declaration for each package: a pinned one, else one with bounds, else the first.

    An extra that names a package without bounds gets the bounds of the declaration beside it.
    """
    ranked = sorted(dependencies, key=lambda d: (not d.mutable, not d.pinned, not d.spec.strip("* ")))
    kept = {(d.ecosystem, d.name, d.group == "mcp"): d for d in reversed(ranked)}
    return sorted(kept.values(), key=lambda d: d.at)


def outward(jobs: Iterable[CiJob]) -> list[CiJob]:
    """Jobs that release or deploy something.

    A script or Makefile rule counts by itself only where no CI job goes out: otherwise it is what that
    job calls, and the gate stands before the job.
    """
    out = [j for j in jobs if j.releases or j.deploys]
    return [j for j in out if j.system != "script"] or out


def before(job: CiJob, jobs: Iterable[CiJob]) -> list[CiJob]:
    """The job itself and the jobs of its file that must have succeeded before it."""
    return [j for j in jobs if j.at.path == job.at.path and (j.name == job.name or j.name in job.needs)]
