"""Whether known weaknesses in dependencies are noticed without anybody looking."""

from collections.abc import Iterator

from assaymark.asset import Tree
from assaymark.checks._check import Finding, at, check, met, not_observable, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import CiJob

_BOTS = (
    "dependabot.yml",
    "dependabot.yaml",
    "renovate.json",
    "renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
)
_WATCHERS = (
    "pip-audit", "pip_audit", "safety", "trivy", "grype", "snyk", "osv-scanner", "audit", "dependency",
    "scout",
)  # fmt: skip


@check(supports=("5.4.1-1#1", "5.2.3-1", "5.1.3-4"))
def updates_are_automated(tree: Tree, jobs: tuple[CiJob, ...]) -> Iterator[Finding]:
    """Dependencies are updated by a bot, and the pipeline looks for known vulnerabilities in them.

    Why: Security updates can only be provided to others by those who notice that they are needed; the
    AI libraries in use change weekly.

    Fix: Add .github/dependabot.yml (or renovate.json) for each ecosystem, and a job that runs
    `pip-audit`, `npm audit --audit-level=high` or `trivy fs .` on pushes and daily.

    Blind spots: Alerts switched on at the hosting service are not in the tree, nor is how soon an update
    is merged and shipped. Container base images and models may need a bot of their own.
    """
    bots = [f.path for f in tree.files if f.path.rpartition("/")[2] in _BOTS and f.path.count("/") <= 1]
    watching = [j for j in in_product(jobs) if any(w in s for s in j.scans for w in _WATCHERS)]
    firm = [j for j in watching if not j.ignores_failure]
    seen = [at("a bot proposes updates", p) for p in bots]
    seen += [at(f"`{j.name}` runs {', '.join(j.scans)}", j) for j in watching]
    if bots and firm:
        yield met(
            f"A bot proposes updates and {counted(len(firm), 'pipeline job')} looks for known "
            "vulnerabilities.",
            *capped(seen),
        )
    elif bots or watching:
        lacking = "no pipeline job looks for known vulnerabilities" if bots else "no bot proposes updates"
        yield partly_met(f"Half of it is seen: {lacking}, or its failure is ignored.", *capped(seen))
    else:
        yield not_observable(
            "Neither an update bot's file (.github/dependabot.yml, renovate.json) nor a "
            "vulnerability scan is in "
            "the tree; either would show it."
        )
