"""Whether code can be swapped at its source."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import each_once
from assaymark.observation import Detail
from assaymark.scan.facts import Dependency, Lockfile, Setting


@check(supports=("5.2.3-1",))
def dependencies_come_from_fixed_sources(
    dependencies: tuple[Dependency, ...], settings: tuple[Setting, ...], locks: tuple[Lockfile, ...]
) -> Iterator[Finding]:
    """Dependencies come from an index by version, or from a repository by commit, and from one index only.

    Why: A branch, a bare URL or `latest` is whatever its owner makes of it today. With a second index,
    anybody can publish your private package's name on the public one and be preferred.

    Fix: Name a commit (`git+https://…@<40 digits>`), add `#sha256=…` to a URL, and bind private
    packages to their index (uv `[tool.uv.sources]`, Poetry `source =`) instead of `--extra-index-url`.

    Blind spots: Index settings on the machine that installs (pip.conf, .npmrc outside the tree) are not
    seen. A lock file may fix the commit of a branch; that is taken into account only for npm and uv.
    """
    asked = [d for d in in_product(dependencies) if d.ecosystem in ("pypi", "npm", "conda")]
    if not asked:
        yield not_applicable("The tree declares no Python, conda or JavaScript dependencies.")
        return
    asked = each_once(asked)
    locked = {
        lock.ecosystem
        for lock in in_product(locks)
        if lock.tool in ("uv", "poetry", "pdm", "npm", "pnpm", "yarn", "bun")
    }
    moving = [d for d in asked if d.mutable and d.spec not in ("", "*", "x")]
    loose = [d for d in moving if d.group == "mcp" or d.ecosystem not in locked]
    indexes = [s for s in in_product(settings) if s.key == "extra-index-url"]
    if loose or indexes:
        yield not_met(
            f"Dependencies from a moving source: {len(loose)} of {len(asked)}; "
            f"additional indexes in use: {len(indexes)}.",
            *capped(
                [
                    *map(_moving, loose),
                    *(at(f"{s.value} is asked beside the default index", s) for s in indexes),
                ]
            ),
            tentative=True,
        )
    else:
        held = f"; {len(moving)} name a moving source that a lock file fixes" if moving else ""
        yield met(
            f"{counted(len(asked), 'dependency')} declared, each from the index by version or from a fixed "
            f"commit{held}."
        )


def _moving(one: Dependency) -> Detail:
    return at(f"{one.name} comes from `{one.spec}`, which can change", one)
