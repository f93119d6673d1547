"""References within a document: how each part of it is called."""

__all__ = [
    "ASSESSOR",
    "ORGANISATION",
    "STANDARD",
    "SYSTEM",
    "claim_ref",
    "counter_ref",
    "evidence_ref",
    "level_ref",
    "person_ref",
    "requirement_ref",
    "steps_ref",
    "waiver_ref",
]

SYSTEM = "system"
"""The assessed system, as the bill of materials calls it: the target of every claim."""
ASSESSOR = "assessor:self"
ORGANISATION = "organisation:owner"
STANDARD = "standard:en-304-223"


def requirement_ref(number: str) -> str:
    """Of a provision (`5.2.3-1`) or an obligation (`5.2.3-1#1`)."""
    return f"requirement:{number}"


def level_ref(role: str) -> str:
    """Of the requirements addressed to a role."""
    return f"level:{role}"


def claim_ref(obligation: str) -> str:
    """Of the claim that an obligation is met."""
    return f"claim:{obligation}"


def counter_ref(obligation: str) -> str:
    """Of the claim that it is not."""
    return f"counter-claim:{obligation}"


def evidence_ref(index: int) -> str:
    """Of a ledger entry."""
    return f"evidence:{index}"


def steps_ref(provision: str) -> str:
    """Of the steps that would move a verdict."""
    return f"steps:{provision}"


def waiver_ref(provision: str) -> str:
    """Of a waiver."""
    return f"waiver:{provision}"


def person_ref(number: int) -> str:
    """Of a person who attested something."""
    return f"person:{number}"
