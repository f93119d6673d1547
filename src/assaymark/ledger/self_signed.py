"""Files that carry the signature over themselves: attestations, and what goes with an imported report. Pure.

The signature is Ed25519 over the canonical JSON of the object with an empty `signature`; `public_key` stands
in the object, so the signature shows that nothing was changed, and not whose it is.
"""

import base64
import binascii
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct
from msgspec.structs import replace

from assaymark.ledger.keys import public_bytes
from assaymark.observation import canonical

__all__ = ["SelfSigned", "signature_holds", "signed"]


class SelfSigned(Protocol):
    """An object with room for its own signature."""

    @property
    def public_key(self) -> str:
        """Hexadecimal Ed25519 key; empty if unsigned."""
        ...

    @property
    def signature(self) -> str:
        """Base64 Ed25519 signature; empty if unsigned."""
        ...


T = TypeVar("T", bound=Struct)


def signed(value: T, key: Ed25519PrivateKey) -> T:
    """The same object, signed."""
    unsigned = replace(value, public_key=public_bytes(key).hex(), signature="")
    return replace(unsigned, signature=base64.b64encode(key.sign(canonical(unsigned))).decode())


def signature_holds(value: SelfSigned) -> bool:
    """Whether the object is what its key signed."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(value.public_key))
        signature = base64.b64decode(value.signature, validate=True)
        key.verify(signature, canonical(replace(value, signature="")))  # type: ignore[type-var]
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
