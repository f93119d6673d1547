"""Signed tree heads as C2SP tlog-checkpoint v1.0.0 in a C2SP signed-note v1.0.0.

::

    assaymark.local/5f2c9a1be07d4433          origin
    1342                                      size
    Dq1pCkVbTjgYfVRRnbQiZVuQz0YW3pNlOJiqeb0+Rfs=   root

    — assaymark.local/5f2c9a1be07d4433 qvD…   key id (4 bytes) and Ed25519 signature, base64

Further signatures may follow: of witnesses (`cosignature`), or of keys that the reader does not know.
"""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from assaymark.ledger.note import (
    ED25519,
    InvalidNoteError,
    Note,
    Signature,
    VerifierKey,
    decode_base64,
    key_id_of,
    read,
)

__all__ = [
    "Checkpoint",
    "InvalidCheckpointError",
    "key_id",
    "parse",
    "sign",
    "signed_by",
    "taken_apart",
    "verifier_key",
]

_MAX_EXTENSIONS = 16


class InvalidCheckpointError(ValueError):
    """Text that is no signed checkpoint; the message says why."""


class Checkpoint(Struct, frozen=True):
    """A tree head: how many entries there are, and the root over all of them."""

    origin: str
    """Name of the ledger."""
    size: int
    root: bytes
    """32 bytes."""
    extensions: tuple[str, ...] = ()
    """Further signed lines, as other people's logs may have them; ours never do."""

    def text(self) -> str:
        """The signed lines."""
        first = f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
        return first + "".join(f"{line}\n" for line in self.extensions)


def key_id(origin: str, public_key: bytes) -> bytes:
    """First four bytes of ``SHA-256(name || LF || 0x01 || public key)`` (signed-note, "Signature types")."""
    return key_id_of(origin, ED25519, public_key)


def verifier_key(origin: str, public_key: bytes) -> str:
    """The key as other verifiers of signed notes take it: ``name+id+key``."""
    return VerifierKey(origin, ED25519, public_key).text()


def sign(head: Checkpoint, key: Ed25519PrivateKey) -> str:
    """`head` as a signed note."""
    text = head.text()
    by = key_id(head.origin, key.public_key().public_bytes_raw())
    return Note(text, (Signature(head.origin, by, key.sign(text.encode())),)).render()


def parse(note: str) -> Checkpoint:
    """The head in a signed note; says nothing about the signature.

    Raises:
        InvalidCheckpointError: it is not of that form.
    """
    head, _ = taken_apart(note)
    return head


def signed_by(note: str, public_key: bytes) -> bool:
    """Whether the note bears a signature by `public_key` (32 bytes), and that signature holds.

    Signatures by other keys are ignored, as signed-note demands.
    """
    head, signatures = taken_apart(note)
    verifier = Ed25519PublicKey.from_public_bytes(public_key)
    by = (head.origin, key_id(head.origin, public_key))
    theirs = [s.value for s in signatures if (s.name, s.key_id) == by]
    return bool(theirs) and all(_holds(verifier, value, head.text()) for value in theirs)


def taken_apart(note: str) -> tuple[Checkpoint, tuple[Signature, ...]]:
    """The head in a signed note, and all signatures under it, unverified.

    Raises:
        InvalidCheckpointError: it is not of that form.
    """
    try:
        parts = read(note)
    except InvalidNoteError as error:
        raise InvalidCheckpointError(
            f"it does not have three lines, a blank line and signatures ({error})"
        ) from error
    try:
        origin, size, root, *extensions = parts.text.removesuffix("\n").split("\n")
        head = Checkpoint(origin, _size(size), decode_base64(root), tuple(extensions))
    except InvalidNoteError as error:
        raise InvalidCheckpointError(str(error)) from error
    except ValueError as error:
        raise InvalidCheckpointError("it does not have three lines before the blank one") from error
    if not origin or not all(extensions) or len(extensions) > _MAX_EXTENSIONS:
        raise InvalidCheckpointError("it has an empty line or too many of them")
    if len(head.root) != 32:
        raise InvalidCheckpointError("its root is not 32 bytes long")
    return head, parts.signatures


def _size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18 and str(int(text)) == text):
        raise InvalidNoteError("its second line is no number of entries")
    return int(text)


def _holds(verifier: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        verifier.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
