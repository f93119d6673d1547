"""A key's successor, stated under both keys: DSSE envelopes in ``<name>.rotation.json``. Pure.

Whoever trusted the old key can follow to the new one: the old key says whom it hands over to, the new key
says that it takes over. It is no proof against a thief of the old key, who could have written the same;
where the old key was stolen, the new one has to be learnt in another way.
"""

import base64
import binascii
import contextlib
import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from assaymark.errors import UsageError
from assaymark.ledger.keys import public_bytes
from assaymark.observation import canonical

__all__ = [
    "MAX_ROTATION_BYTES",
    "ROTATION_TYPE",
    "Rotation",
    "newest_key",
    "parse_rotations",
    "render_rotations",
    "sign_rotation",
]

ROTATION_TYPE = "application/vnd.assaymark.key-rotation+json"
"""DSSE payload type of a rotation."""

MAX_ROTATION_BYTES = 1_048_576
"""Longest file of rotations that is read."""

_ADVICE = "Ask its owner for the file again; follow no rotation that does not verify."


class Rotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hand-over."""

    v: Literal[1] = 1
    """Version of this format."""
    name: str
    """Name of the key in its owner's keyring."""
    person: str = ""
    role: str = ""
    old_key: str
    """Hexadecimal Ed25519 key that signs no more."""
    new_key: str
    """Hexadecimal Ed25519 key that signs from now on."""
    rotated_at: str
    """ISO 8601, UTC."""


class _Signature(Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, rename={"payload_type": "payloadType"}):
    payload: str
    payload_type: str
    signatures: list[_Signature]


def sign_rotation(rotation: Rotation, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> bytes:
    """The statement as a DSSE envelope with a signature by each of both keys."""
    payload = canonical(rotation)
    signatures = [
        _Signature(public_bytes(key).hex(), base64.b64encode(key.sign(_signed(payload))).decode())
        for key in (old, new)
    ]
    return canonical(_Envelope(base64.b64encode(payload).decode(), ROTATION_TYPE, signatures))


def render_rotations(envelopes: Sequence[bytes]) -> bytes:
    """The file: a JSON array of envelopes, oldest first, one a line."""
    return b"[\n" + b",\n".join(envelopes) + b"\n]\n"


def parse_rotations(data: bytes, name: str) -> tuple[tuple[Rotation, bytes], ...]:
    """Every rotation in a file with its envelope, oldest first.

    Args:
        data: the whole file.
        name: what to call it in messages.

    Raises:
        UsageError: it is no such file, a signature does not hold, or one rotation does not follow another.
    """
    if len(data) > MAX_ROTATION_BYTES:
        raise UsageError(f"{name} is longer than {MAX_ROTATION_BYTES:,} bytes.", _ADVICE)
    try:
        envelopes = msgspec.json.decode(data, type=list[_Envelope])
        found = [(_rotation(envelope), canonical(envelope)) for envelope in envelopes]
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} holds no key rotations that verify: {error}.", _ADVICE) from error
    for (before, _), (after, _) in itertools.pairwise(found):
        if after.old_key != before.new_key or after.rotated_at < before.rotated_at:
            raise UsageError(f"{name}: one rotation does not continue the one before it.", _ADVICE)
    return tuple(found)


def newest_key(rotations: Sequence[Rotation], key: str) -> str:
    """The key that `key` was handed over to in the end; `key` itself if it never was."""
    for rotation in rotations:
        if rotation.old_key == key:
            key = rotation.new_key
    return key


def _rotation(envelope: _Envelope) -> Rotation:
    payload = base64.b64decode(envelope.payload, validate=True)
    if envelope.payload_type != ROTATION_TYPE:
        raise ValueError("its payload is of another type")
    rotation = msgspec.json.decode(payload, type=Rotation)
    if canonical(rotation) != payload:
        raise ValueError("its payload is not in canonical form")
    datetime.fromisoformat(rotation.rotated_at)
    if rotation.old_key == rotation.new_key:
        raise ValueError("it hands a key over to itself")
    for key in (rotation.old_key, rotation.new_key):
        if not any(_holds(key, signature, payload) for signature in envelope.signatures[:8]):
            raise ValueError(f"the signature by {key[:64]} is missing or does not hold")
    return rotation


def _holds(key: str, signature: _Signature, payload: bytes) -> bool:
    with contextlib.suppress(InvalidSignature, ValueError, binascii.Error):
        raw = bytes.fromhex(key)
        if raw.hex() == key:  # one spelling only
            Ed25519PublicKey.from_public_bytes(raw).verify(
                base64.b64decode(signature.sig, validate=True), _signed(payload)
            )
            return True
    return False


def _signed(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind = ROTATION_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
