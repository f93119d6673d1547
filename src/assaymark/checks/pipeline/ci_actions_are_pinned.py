"""Whether the pipeline's own components can change under it."""

import re
from collections.abc import Iterator

from assaymark.checks._check import Finding, at, check, met, not_applicable, not_met, partly_met
from assaymark.checks._findings import capped, counted, in_product
from assaymark.scan.facts import ActionUse

_HOUSE = ("actions/", "github/")
_RELEASE = re.compile(r"v?\d+(?:\.\d+)*[\w.\-]*\Z")


@check(supports=("5.2.3-1",))
def ci_actions_are_pinned(actions: tuple[ActionUse, ...]) -> Iterator[Finding]:
    """Actions, templates and images that the pipeline uses are fixed by commit or digest.

    Why: A tag or branch can be pointed at other code at any time. Whoever takes over a popular action
    then runs in every pipeline that uses it, beside its secrets and its releases.

    Fix: Replace each tag by the full commit hash, keeping the tag as a comment (`pinact run` or
    `npx pin-github-action .github/workflows/*.yml` does it), and let Dependabot or Renovate raise it.

    Blind spots: What an action downloads while it runs is not seen. A list of allowed actions kept at
    the hosting service is not in the tree.
    """
    used = in_product(actions)
    if not used:
        yield not_applicable("No pipeline in the tree uses an action, template or image from elsewhere.")
        return
    loose = [a for a in used if not a.pinned]
    strangers = [a for a in loose if not a.name.startswith(_HOUSE)]
    branches = [a for a in strangers if not _RELEASE.match(a.version)]
    details = capped(
        at(f"{a.name}@{a.version or '(no version)'} can change", a) for a in (branches + strangers + loose)
    )
    figures = f"{len(loose)} of {counted(len(used), 'use')} of actions and images are not fixed by digest"
    if strangers:
        yield not_met(
            f"{figures}; {len(strangers)} of them come from third parties, {len(branches)} by branch.",
            *dict.fromkeys(details),
            tentative=True,
        )
    elif loose:
        yield partly_met(f"{figures}; all of these come from the hosting service itself.", *details)
    else:
        yield met(f"All {counted(len(used), 'use')} of actions and images are fixed by commit or digest.")
