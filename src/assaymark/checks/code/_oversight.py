"""Which safeguards are human oversight."""

import re
from collections.abc import Iterable

from assaymark.scan.facts import SafeguardDefinition

__all__ = ["about_oversight"]

_APPROVAL = re.compile(r"approv|confirm|consent|human_in_the_loop|ask_human", re.IGNORECASE)


def about_oversight(names: Iterable[str], definitions: Iterable[SafeguardDefinition]) -> bool:
    """Whether one of these functions asks a person for approval; other safeguards are no oversight."""
    approvals = {d.name for d in definitions if d.kind == "approval"}
    lasts = {name.rpartition(".")[2] for name in names}
    return bool(lasts & approvals) or any(_APPROVAL.search(last) for last in lasts)
