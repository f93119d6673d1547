"""Signed notes (C2SP signed-note v1.0.0): a text, and signatures by any number of keys under it. Pure.

::

    example.org/log                     text, any lines
    …
                                        the last blank line
    — example.org/log <base64>          a signature: name of the key, key id (4 bytes) and signature
"""

import base64
import binascii
from hashlib import sha256

from msgspec import Struct

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MAX_NOTE",
    "MAX_SIGNATURES",
    "InvalidNoteError",
    "Note",
    "Signature",
    "VerifierKey",
    "decode_base64",
    "fit_name",
    "key_id_of",
    "parse_signature",
    "parse_verifier_key",
    "read",
    "with_signatures",
]

ED25519 = 0x01
"""Type of a plain Ed25519 signature of the text."""
COSIGNATURE = 0x04
"""Type of a witness's Ed25519 signature with a time (C2SP tlog-cosignature)."""

MAX_NOTE = 131_072
"""Characters of the longest note that is read; post-quantum signatures have nearly five thousand."""
MAX_SIGNATURES = 64
_MAX_NAME = 255


class InvalidNoteError(ValueError):
    """Text that is no signed note, or no key for one; the message says why."""


class Signature(Struct, frozen=True):
    """One signature under a note; whether it holds is another question."""

    name: str
    """Name of the key that is said to have made it."""
    key_id: bytes
    """Four bytes."""
    value: bytes
    """The signature proper, of a length and form that depend on the key."""

    @property
    def line(self) -> str:
        """The line as it stands in the note, without its line feed."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}"


class Note(Struct, frozen=True):
    """A signed note, taken apart."""

    text: str
    """What is signed, with its last line feed."""
    signatures: tuple[Signature, ...]

    def render(self) -> str:
        """The note as it is stored and sent."""
        return self.text + "\n" + "".join(f"{signature.line}\n" for signature in self.signatures)


class VerifierKey(Struct, frozen=True):
    """Whose signature one is looking for: a name, a type and a public key."""

    name: str
    kind: int
    """`ED25519` for logs, `COSIGNATURE` for witnesses."""
    key: bytes
    """32 bytes."""

    @property
    def id(self) -> bytes:
        """The four bytes that stand in front of its signatures."""
        return key_id_of(self.name, self.kind, self.key)

    def text(self) -> str:
        """The form that other verifiers take: ``name+id+key``."""
        encoded = base64.b64encode(bytes([self.kind]) + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


def key_id_of(name: str, kind: int, key: bytes) -> bytes:
    """First four bytes of ``SHA-256(name || LF || type || key)`` (signed-note, "Signatures")."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def fit_name(name: str) -> bool:
    """Whether a key may have that name: not empty, no spaces, no plus, nothing that does not print."""
    printable = name.isprintable() and not any(c.isspace() or c == "+" for c in name)
    return 0 < len(name) <= _MAX_NAME and printable


def read(note: str) -> Note:
    """The parts of a note.

    Raises:
        InvalidNoteError: it is too long, holds control characters, or is not of that form.
    """
    if len(note) > MAX_NOTE:
        raise InvalidNoteError(f"it is longer than {MAX_NOTE:,} characters")
    if any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in note):
        raise InvalidNoteError("it holds characters that no note may hold")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not text or not signatures.endswith("\n"):
        raise InvalidNoteError("it is no text with a blank line and signatures below")
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise InvalidNoteError(f"it bears more than {MAX_SIGNATURES} signatures")
    return Note(f"{text}\n", tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> Signature:
    """The signature in a line.

    Raises:
        InvalidNoteError: it is not of that form.
    """
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not fit_name(name):
        raise InvalidNoteError("a line below its text is no signature")
    data = decode_base64(encoded)
    if len(data) < 5:
        raise InvalidNoteError(f"the signature of {name} is cut off")
    return Signature(name, data[:4], data[4:])


def parse_verifier_key(text: str) -> VerifierKey:
    """The key in ``name+id+key``.

    Raises:
        InvalidNoteError: it is not of that form, its id is not its own, or it is of another type.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not fit_name(parts[0]):
        raise InvalidNoteError("a key for signed notes reads name+id+key")
    data = decode_base64(parts[2])
    if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
        raise InvalidNoteError("it is no Ed25519 key of a log or a witness")
    key = VerifierKey(parts[0], data[0], data[1:])
    if key.id.hex() != parts[1]:
        raise InvalidNoteError(f"its id is {parts[1][:16]} where name and key give {key.id.hex()}")
    return key


def with_signatures(note: str, added: tuple[Signature, ...]) -> str:
    """`note` with further signatures; one by the same key takes the place of an older one.

    Raises:
        InvalidNoteError: it is no note, or would bear too many.
    """
    parts = read(note)
    new = {(signature.name, signature.key_id): signature for signature in added}
    kept = tuple(s for s in parts.signatures if (s.name, s.key_id) not in new)
    if len(kept) + len(new) > MAX_SIGNATURES:
        raise InvalidNoteError(f"it would bear more than {MAX_SIGNATURES} signatures")
    return Note(parts.text, (*kept, *new.values())).render()


def decode_base64(text: str) -> bytes:
    """The bytes that `text` stands for, in standard base64 and its one canonical form.

    Raises:
        InvalidNoteError: it is anything else.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidNoteError(f"it holds bad base64: {error}") from error
    if base64.b64encode(data).decode() != text:
        raise InvalidNoteError("it holds base64 in another than its one form")
    return data
