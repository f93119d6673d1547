"""Whose signatures count in which role, and what is still missing. Pure; verifying them is done elsewhere.

A signature that holds is not enough: its key has to be one that was named for the role in which it speaks.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from assaymark.system.sign_off import same_person
from assaymark.system.system import SIGNING_ROLES, Signatory, System

__all__ = ["Demand", "Refused", "RoleSignature", "SignOffVerdict", "demanded", "judge_signatures"]


class RoleSignature(Struct, frozen=True, kw_only=True):
    """A sign-off as read."""

    role: str
    name: str
    key: str
    """Hexadecimal public key that the signature was checked with."""
    valid: bool
    """Whether the signature holds and is over this pack."""
    problem: str = ""
    """Why not, without a full stop."""


class Demand(Struct, frozen=True, kw_only=True):
    """What is asked of the signatures."""

    roles: tuple[str, ...] = ()
    """Roles that must sign."""
    four_eyes: bool = False
    """Whether two different persons with two different keys must sign."""
    signatories: tuple[Signatory, ...] = ()
    """Whose key is whose, for which role; empty: any key counts, and that is said."""


class Refused(Struct, frozen=True):
    """A signature that does not count."""

    signature: RoleSignature
    reason: str
    """One sentence."""


class SignOffVerdict(Struct, frozen=True, kw_only=True):
    """What the signatures amount to."""

    counted: tuple[RoleSignature, ...]
    refused: tuple[Refused, ...]
    satisfied: tuple[str, ...]
    """Sentences: demands that are met."""
    missing: tuple[str, ...]
    """Sentences: demands that are not."""
    notes: tuple[str, ...] = ()
    """Sentences: what a reader has to know of those that counted."""

    @property
    def ok(self) -> bool:
        """Whether every demand is met; refused signatures alone spoil nothing that others satisfy."""
        return not self.missing


def demanded(system: System) -> Demand:
    """What the manifest of `system` asks."""
    return Demand(
        roles=system.sign_off.roles, four_eyes=system.sign_off.four_eyes, signatories=system.signatories
    )


def judge_signatures(signatures: Sequence[RoleSignature], demand: Demand) -> SignOffVerdict:
    """Which of `signatures` count, and what of `demand` they meet."""
    counted: list[RoleSignature] = []
    refused: list[Refused] = []
    for signature in signatures:
        reason = _reason(signature, demand) or _two_names(signature, signatures)
        if reason:
            refused.append(Refused(signature, reason))
        elif not any((s.key, s.role) == (signature.key, signature.role) for s in counted):
            counted.append(signature)
    told = [*_roles(counted, refused, demand.roles), *_four_eyes(counted, demand)]
    note = "No key is pinned: the manifest names no signatories, so anybody could have signed in any role."
    return SignOffVerdict(
        counted=tuple(counted),
        refused=tuple(refused),
        satisfied=tuple(sentence for met, sentence in told if met),
        missing=tuple(sentence for met, sentence in told if not met),
        notes=(note,) if counted and not demand.signatories else (),
    )


def _reason(signature: RoleSignature, demand: Demand) -> str:
    """Why a signature does not count by itself; empty if it does."""
    who = f"{signature.name or 'Somebody'} as {signature.role or 'nobody'}"
    if not signature.valid:
        return f"{who}: the signature does not hold: {signature.problem or 'it is over something else'}."
    if signature.role not in SIGNING_ROLES:
        return f"{who}: there is no such role; possible: {', '.join(SIGNING_ROLES)}."
    if not signature.name.strip():
        return f"{who}: it names no person."
    if not demand.signatories:
        return ""
    owned = [s for s in demand.signatories if s.key == signature.key]
    if not owned:
        return f"{who}: its key {signature.key[:16]}… is none of those named for any signatory."
    if not same_person(owned[0].name, signature.name):
        return f"{who}: its key is that of {owned[0].name}, and nobody else may sign with it."
    if signature.role not in {s.role for s in owned}:
        roles = " and ".join(dict.fromkeys(s.role for s in owned))
        return f"{who}: the signature holds, but by the wrong role: this key may sign as {roles} only."
    return ""


def _two_names(signature: RoleSignature, signatures: Sequence[RoleSignature]) -> str:
    for other in signatures:
        if other.valid and other.key == signature.key and not same_person(other.name, signature.name):
            return f"{signature.name} as {signature.role}: one key signs for {other.name} too."
    return ""


def _roles(
    counted: Sequence[RoleSignature], refused: Sequence[Refused], roles: Sequence[str]
) -> Iterator[tuple[bool, str]]:
    for role in dict.fromkeys(roles):
        names = dict.fromkeys(s.name for s in counted if s.role == role)
        tried = sum(r.signature.role == role for r in refused)
        if names:
            yield True, f"Signed as {role} by {' and '.join(names)}."
        elif tried:
            yield False, f"No signature as {role} counts; {tried} {'was' if tried == 1 else 'were'} refused."
        else:
            yield False, f"Nobody signed as {role}."


def _four_eyes(counted: Sequence[RoleSignature], demand: Demand) -> Iterator[tuple[bool, str]]:
    if not demand.four_eyes:
        return
    for one in counted:
        for other in counted:
            if one.key != other.key and not same_person(one.name, other.name):
                yield True, f"Two persons signed with two keys: {one.name} and {other.name}."
                return
    who = f"only {counted[0].name} did" if counted else "nobody did"
    yield False, f"Two different persons with two different keys have to sign; {who}."
