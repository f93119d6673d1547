"""DSSE v1 envelopes with Ed25519: sign a payload, read an envelope strictly, check its signature.

https://github.com/secure-systems-lab/dsse: the signature is over the pre-authentication encoding of payload
type and payload, so that neither can be taken for another. Ours have exactly one signature, one spelling
(canonical JSON, standard base64), and as `keyid` the SHA-256 of the 32 bytes of the public key.
"""

import base64
import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from assaymark.observation import canonical
from assaymark.pack.format import PAYLOAD_TYPE
from assaymark.signing.bundle import pae
from assaymark.signing.problems import DoesNotVerify
from assaymark.signing.strict_json import member, parse

__all__ = ["Envelope", "holds", "key_id", "parse_envelope", "seal"]


class Envelope(Struct, frozen=True, kw_only=True):
    """What an envelope says; nothing of it is checked."""

    payload: bytes
    key_id: str
    """Hexadecimal SHA-256 of the raw public key that is said to have signed."""
    signature: bytes
    """64 bytes."""


def key_id(public_key: bytes) -> str:
    """How envelopes name a key: SHA-256 of its 32 bytes, hexadecimal."""
    return sha256(public_key).hexdigest()


def seal(payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """The envelope around `payload`, signed with `key`; the same input gives the same bytes."""
    signature = key.sign(pae(payload, PAYLOAD_TYPE))
    named = key_id(key.public_key().public_bytes_raw())
    return canonical(
        {
            "payload": _text(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": named, "sig": _text(signature)}],
        }
    )


def parse_envelope(data: bytes, what: str) -> Envelope:
    """The parts of an envelope.

    Args:
        data: the whole file.
        what: what it should be, for messages: "The signed statement".

    Raises:
        DoesNotVerify: it is no envelope in the one spelling that `seal` writes.
    """
    whole = parse(data, what)
    if whole.get("payloadType") != PAYLOAD_TYPE:
        raise DoesNotVerify(f"{what} holds no in-toto statement; its 'payloadType' says otherwise.")
    signatures = member(whole, "signatures", list, what)
    if len(signatures) != 1:
        raise DoesNotVerify(f"{what} bears {len(signatures)} signatures instead of one.")
    envelope = Envelope(
        payload=_raw(member(whole, "payload", str, what), f"{what}'s payload"),
        key_id=member(signatures[0], "keyid", str, f"{what}'s signature"),
        signature=_raw(member(signatures[0], "sig", str, f"{what}'s signature"), f"{what}'s signature"),
    )
    if len(envelope.signature) != 64:
        raise DoesNotVerify(f"{what}'s signature is {len(envelope.signature)} bytes long instead of 64.")
    if set(whole) != {"payload", "payloadType", "signatures"} or canonical(whole) != data:
        raise DoesNotVerify(f"{what} is not in canonical form, or holds more than an envelope does.")
    return envelope


def holds(envelope: Envelope, public_key: bytes) -> bool:
    """Whether `public_key` (32 bytes) signed the payload and the envelope names that key."""
    if envelope.key_id != key_id(public_key):
        return False
    try:
        verifier = Ed25519PublicKey.from_public_bytes(public_key)
        verifier.verify(envelope.signature, pae(envelope.payload, PAYLOAD_TYPE))
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DoesNotVerify(f"{what} is no base64.") from error
    if _text(data) != text:
        raise DoesNotVerify(f"{what} is base64 in an unusual spelling.")
    return data
