"""Whether untrusted text was read in a conversation, from the request's own history: no state is kept."""

from msgspec import Struct

from assaymark.guard.event import Channel, Segment
from assaymark.guard.policy.model import Policy
from assaymark.guard.rules.flow import trusted_tool

__all__ = ["Origins", "origins"]

_PEOPLE = (Channel.SYSTEM, Channel.USER)


class Origins(Struct, frozen=True):
    """Which texts a conversation holds, by whom they were written."""

    labels: tuple[str, ...] = ()
    """`document:/messages/3/content` of each untrusted segment."""
    untrusted: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()


def origins(segments: tuple[Segment, ...], policy: Policy) -> Origins:
    """A segment on an untrusted channel counts, unless its tool is trusted by the policy."""
    bad = [
        s
        for s in segments
        if s.channel in policy.flow.untrusted
        and s.text.strip()
        and not (s.tool and trusted_tool(s.tool, policy))
    ]
    return Origins(
        tuple(f"{s.channel}:{s.at}" for s in bad),
        tuple(s.text for s in bad),
        tuple(s.text for s in segments if s.channel in _PEOPLE and s.channel not in policy.flow.untrusted),
    )
