"""What checks on pipelines, dependencies and services share: jobs that go out, requirements each once."""

from collections.abc import Iterable

from assaymark.scan.facts import CiJob, Dependency

__all__ = ["before", "each_once", "outward"]


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
