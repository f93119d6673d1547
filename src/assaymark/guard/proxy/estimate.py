"""What a request may use, before it is known: reserved of the caller's quotas until the answer is there."""

from assaymark.guard.policy.model import Policy
from assaymark.guard.protocol.shape import Message, Usage

__all__ = ["estimated"]

_CHARACTERS = 4
"""To a token, roughly; the upstream's own count takes the estimate's place."""
_UNDECLARED = 1_000
"""Tokens of an answer for which the client sets no limit, or a tenth of the smallest quota of tokens."""


def estimated(message: Message, policy: Policy) -> Usage:
    """Its text, the longest answer that it allows, and a tool call if it offers tools."""
    if not policy.quotas:
        return Usage()
    tenths = [quota.amount / 10 for quota in policy.quotas if quota.what == "tokens"]
    undeclared = int(min(_UNDECLARED, *tenths)) if tenths else _UNDECLARED
    read = sum(len(segment.text) for segment in message.segments) // _CHARACTERS
    return Usage(read, message.max_output or undeclared, int(message.offered != frozenset()))
