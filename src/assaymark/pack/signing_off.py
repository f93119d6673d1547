"""A named person answers for a pack in a role: the statement about a statement. Pure."""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from assaymark.ledger.keys import public_bytes
from assaymark.pack.dsse import key_id, seal
from assaymark.pack.format import SIGN_OFF, SIGN_OFFS, SIGNED, SignOffPredicate
from assaymark.pack.statement import statement

__all__ = ["Signatory", "member_of", "signed_off"]


class Signatory(Struct, frozen=True, kw_only=True):
    """Who signs off, as what, and what the person says."""

    key: Ed25519PrivateKey
    role: str
    name: str
    organisation: str = ""
    statement: str = ""
    signed_at: str
    """ISO 8601, UTC."""


def member_of(public_key: bytes) -> str:
    """Name of the member that holds the sign-off by a key: one a key."""
    return f"{SIGN_OFFS}{key_id(public_key)[:16]}.dsse.json"


def signed_off(payload: bytes, system: str, by: Signatory) -> tuple[str, bytes]:
    """The sign-off of the statement `payload`: its member's name, and its content.

    Args:
        payload: payload of the pack's statement.
        system: name of the system, as the statement has it.
        by: who signs.
    """
    key = public_bytes(by.key)
    predicate = SignOffPredicate(
        role=by.role,
        name=by.name,
        organisation=by.organisation,
        statement=by.statement,
        signed_at=by.signed_at,
        public_key=key.hex(),
        system=system,
    )
    signed = statement([(SIGNED, sha256(payload).hexdigest())], SIGN_OFF, predicate)
    return member_of(key), seal(signed, by.key)
