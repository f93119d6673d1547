"""Whether the exact dependencies, and not just their names, are fixed."""

from collections.abc import Iterator

from assaymark.asset import Tree
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
from assaymark.checks.pipeline._evidence import each_once
from assaymark.scan.facts import Dependency, Lockfile
from assaymark.scan.paths import is_unpacked_release

_LOCKABLE = {"pypi": "`uv lock`", "npm": "`npm install --package-lock-only`", "conda": "`conda-lock lock`"}


@check(supports=("5.2.3-1",))
def dependencies_are_locked(
    dependencies: tuple[Dependency, ...], locks: tuple[Lockfile, ...], tree: Tree
) -> Iterator[Finding]:
    """A lock file with digests fixes every dependency, direct and indirect.

    Why: Without one, each build takes whatever the index offers that day, a hijacked release among it,
    and nobody can say later which versions a model was trained or served with.

    Fix: Commit a lock file that holds digests: `uv lock`, `poetry lock`, `pip-compile --generate-hashes`,
    `npm install --package-lock-only`.

    Blind spots: Whether installs follow the lock is another check (installs_follow_the_lock), as is
    whether the locked versions are known to be vulnerable. Entries of the lock are counted, not fetched.
    """
    asked = [
        d for d in in_product(dependencies) if d.ecosystem in _LOCKABLE and d.group not in ("build", "mcp")
    ]
    ecosystems = sorted({d.ecosystem for d in asked})
    if not ecosystems:
        yield not_applicable("The tree declares no Python, conda or JavaScript dependencies.")
        return
    mine = in_product(locks)
    filled = [lock for lock in mine if lock.entries or lock.tool in ("uv", "poetry")]
    open_ = [e for e in ecosystems if not any(_covers(lock, e) for lock in filled)]
    bare = [lock for lock in filled if lock.hashed < lock.entries]
    found = [at(f"{lock.tool}: {lock.entries} entries, {lock.hashed} with a digest", lock) for lock in filled]
    if open_ and not filled and is_unpacked_release(f.path for f in tree.files):
        yield not_observable(
            "An unpacked package leaves out the repository's lock file; assess the repository to see how its "
            f"{counted(len(asked), 'dependency')} are fixed."
        )
    elif open_:
        lacking = each_once(d for d in asked if d.ecosystem in open_)
        yield not_met(
            f"{', '.join(open_)}: {counted(len(lacking), 'dependency')} declared and no lock file in "
            "the tree.",
            *capped(at(f"{d.name} {d.spec}".strip() + " is not locked", d) for d in lacking),
            tentative=True,
            fix=f"Run {_LOCKABLE[open_[0]]} and commit the file that it writes.",
        )
    elif any(lock.hashed < lock.entries * 0.9 for lock in filled):
        yield partly_met(
            f"Versions are locked, but {sum(k.entries - k.hashed for k in bare)} locked entries "
            f"have no digest.",
            *capped(found),
            fix="Write the lock with digests (`pip-compile --generate-hashes`, a current npm, uv or Poetry).",
        )
    else:
        yield met(
            f"{counted(len(filled), 'lock file')} with digests for {', '.join(ecosystems)}.", *capped(found)
        )


def _covers(lock: Lockfile, ecosystem: str) -> bool:
    """A conda lock or a pixi lock fixes what pip installs within it as well."""
    return lock.ecosystem == ecosystem or (ecosystem == "pypi" and lock.ecosystem == "conda")
