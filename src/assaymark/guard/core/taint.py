"""Whether untrusted text was read in a conversation, from the request's own history: no state is kept."""

from collections.abc import Iterable

from assaymark.guard.event import Segment
from assaymark.guard.policy.model import Policy
from assaymark.guard.policy.vocabulary import matches

__all__ = ["tainted"]


def tainted(segments: Iterable[Segment], policy: Policy) -> bool:
    """True if a segment on an untrusted channel holds text, unless its tool is trusted by the policy."""
    return any(
        s.channel in policy.flow.untrusted and s.text.strip() and not _trusted(s.tool, policy)
        for s in segments
    )


def _trusted(tool: str, policy: Policy) -> bool:
    if not tool:
        return False
    rule = next((r for r in policy.tools if matches(r.name, tool)), None)
    return rule is not None and rule.trusted
