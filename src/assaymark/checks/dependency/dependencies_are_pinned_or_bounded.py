"""Whether declarations leave versions wide open."""

from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.checks.pipeline._evidence import each_once
from assaymark.scan.facts import Dependency, Lockfile

_ASIDE = ("build", "dev", "doc", "docs", "lint", "quality", "test", "tests", "testing", "typing")
"""Groups and extras that no user of the product installs."""
_LANGUAGES = ("pypi", "npm", "conda")


@check(supports=("5.2.3-1",))
def dependencies_are_pinned_or_bounded(
    dependencies: tuple[Dependency, ...], locks: tuple[Lockfile, ...]
) -> Iterator[Finding]:
    """Each dependency is pinned or bounded where it is declared, or fixed by a lock file.

    Why: A bare name installs whatever is newest at that moment. ML libraries change results and file
    formats between versions, so this is a question of safety as well as of supply chain.

    Fix: State bounds (`transformers>=4.56,<5`) for libraries and a lock file for applications; give
    tools that are started by `npx` or `uvx` an exact version.

    Blind spots: Bounds say what may be installed, not what is. Packages installed by hand or by scripts
    are not seen.
    """
    asked = [d for d in in_product(dependencies) if d.ecosystem in _LANGUAGES and d.group not in _ASIDE]
    asked = each_once(asked)
    locked = {lock.ecosystem for lock in in_product(locks)}
    if not asked:
        yield not_applicable(
            "The tree declares no Python, conda or JavaScript dependencies for use at run time."
        )
        return
    free = [d for d in asked if not d.pinned and not d.spec.strip("* ") and not _held(d, locked)]
    moving = [d for d in asked if d.group == "mcp" and d.mutable]
    loose = list(dict.fromkeys((*moving, *free)))
    if loose:
        finding = not_met if len(loose) * 4 >= len(asked) or moving else partly_met
        yield finding(
            f"Dependencies that name no version at all and that no lock file fixes: {len(loose)} of "
            f"{len(asked)}.",
            *capped(at(f"{d.name} may be any version", d) for d in loose),
            tentative=finding is not_met,
        )
    else:
        yield met(f"{counted(len(asked), 'dependency')} declared; each is pinned, bounded or locked.")


def _held(one: Dependency, locked: set[str]) -> bool:
    return one.group != "mcp" and (one.ecosystem in locked or (one.ecosystem == "pypi" and "conda" in locked))
