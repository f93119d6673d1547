"""Signed tree heads as C2SP tlog-checkpoint v1.0.0 in a C2SP signed-note v1.0.0.

::

    assaymark.local/5f2c9a1be07d4433          origin
    1342                                      size
    Dq1pCkVbTjgYfVRRnbQiZVuQz0YW3pNlOJiqeb0+Rfs=   root

    — assaymark.local/5f2c9a1be07d4433 qvD…   key id (4 bytes) and Ed25519 signature, base64
"""

import base64
import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

__all__ = ["Checkpoint", "InvalidCheckpointError", "key_id", "parse", "sign", "signed_by", "verifier_key"]

_ED25519 = b"\x01"
_MAX_NOTE = 16_384


class InvalidCheckpointError(ValueError):
    """Text that is no signed checkpoint; the message says why."""


class Checkpoint(Struct, frozen=True):
    """A tree head: how many entries there are, and the root over all of them."""

    origin: str
    """Name of the ledger."""
    size: int
    root: bytes
    """32 bytes."""

    def text(self) -> str:
        """The three signed lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(origin: str, public_key: bytes) -> bytes:
    """First four bytes of ``SHA-256(name || LF || 0x01 || public key)`` (signed-note, "Signature types")."""
    return sha256(origin.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def verifier_key(origin: str, public_key: bytes) -> str:
    """The key as other verifiers of signed notes take it: ``name+id+key``."""
    encoded = base64.b64encode(_ED25519 + public_key).decode()
    return f"{origin}+{key_id(origin, public_key).hex()}+{encoded}"


def sign(head: Checkpoint, key: Ed25519PrivateKey) -> str:
    """`head` as a signed note."""
    text = head.text()
    signature = key_id(head.origin, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {head.origin} {base64.b64encode(signature).decode()}\n"


def parse(note: str) -> Checkpoint:
    """The head in a signed note; says nothing about the signature.

    Raises:
        InvalidCheckpointError: it is not of that form.
    """
    head, _ = _split(note)
    return head


def signed_by(note: str, public_key: bytes) -> bool:
    """Whether one of the note's signatures is by `public_key` (32 bytes) and holds."""
    head, signatures = _split(note)
    verifier = Ed25519PublicKey.from_public_bytes(public_key)
    wanted = key_id(head.origin, public_key)
    return any(_holds(verifier, s[4:], head.text()) for s in signatures if s[:4] == wanted)


def _holds(verifier: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        verifier.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _split(note: str) -> tuple[Checkpoint, tuple[bytes, ...]]:
    text, blank, signatures = note[:_MAX_NOTE].partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) != 3:
        raise InvalidCheckpointError("it does not have three lines, a blank line and signatures")
    origin, size, root = lines
    if not (size.isascii() and size.isdecimal() and len(size) <= 18 and str(int(size)) == size):
        raise InvalidCheckpointError("its second line is no number of entries")
    head = Checkpoint(origin, int(size), _base64(root))
    if len(head.root) != 32:
        raise InvalidCheckpointError("its root is not 32 bytes long")
    return head, _signatures(signatures, origin)


def _signatures(lines: str, origin: str) -> tuple[bytes, ...]:
    prefix = f"— {origin} "
    return tuple(_base64(line[len(prefix) :]) for line in lines.splitlines() if line.startswith(prefix))


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCheckpointError(f"it holds bad base64: {error}") from error
