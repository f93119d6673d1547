"""One Ed25519 key in a PEM file that nobody else may read; with a passphrase if its owner wants one."""

import contextlib
import hashlib
import os
import stat
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.key_encryption import encrypted_pem

__all__ = [
    "PASSPHRASE",
    "PassphraseNeeded",
    "Passphrases",
    "create_key",
    "environment_passphrase",
    "is_encrypted",
    "load_key",
    "load_or_create_key",
    "mark_secret",
    "parse_public_key",
    "passphrase_bytes",
    "public_bytes",
    "write_key",
]

PASSPHRASE = "ASSAYMARK_KEY_PASSPHRASE"  # noqa: S105  the variable's name
"""Environment variable from which a passphrase is taken where nobody can be asked."""

Passphrases = Callable[[str], bytes]
"""The passphrase for the key so named, asked for only if the key has one."""

_MAX_PEM = 8_192
_MAX_PASSPHRASE = 1_000
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


class PassphraseNeeded(UsageError):
    """A key has a passphrase and nothing gave it."""


def environment_passphrase(name: str) -> bytes:
    """The passphrase in the environment.

    Raises:
        PassphraseNeeded: there is none.
    """
    given = os.environ.get(PASSPHRASE, "")
    if not given:
        raise PassphraseNeeded(
            f"The key {name} has a passphrase, and none was given.", f"Set {PASSPHRASE} to it."
        )
    return passphrase_bytes(given)


def passphrase_bytes(text: str) -> bytes:
    """What a typed passphrase means: the same bytes however the keyboard composes its accents.

    Raises:
        UsageError: it is too long.
    """
    data = unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")
    if len(data) > _MAX_PASSPHRASE:
        raise UsageError(f"The passphrase is longer than {_MAX_PASSPHRASE} bytes.", "Choose a shorter one.")
    return data


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`; made on first use."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker: take its key
            return create_key(path)
    return load_key(path)


def create_key(path: Path, passphrase: bytes = b"") -> Ed25519PrivateKey:
    """Make a key and write it to `path`, readable by its owner alone, in a folder of mode 0700.

    Raises:
        FileExistsError: there is one already; it is left as it is.
        AssaymarkError: the place cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    write_key(path, key, passphrase)
    return key


def write_key(path: Path, key: Ed25519PrivateKey, passphrase: bytes = b"") -> None:
    """Write `key` as PKCS#8 PEM, encrypted if there is a `passphrase`; whole or not at all.

    Raises:
        FileExistsError: there is one already; it is left as it is.
        AssaymarkError: the place cannot be written.
    """
    pem = (
        encrypted_pem(key, passphrase)
        if passphrase
        else key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path, pem)
    except OSError as error:
        if isinstance(error, FileExistsError) and path.parent.is_dir():
            raise
        raise AssaymarkError(
            f"Could not write the signing key {path}: {error.strerror}.",
            "Set ASSAYMARK_KEY to a path that can be written.",
        ) from error


def load_key(path: Path, passphrases: Passphrases = environment_passphrase) -> Ed25519PrivateKey:
    """Read the key at `path`.

    Raises:
        AssaymarkError: it cannot be read, others may read it or own it, or it is no Ed25519 key.
        UsageError: it has a passphrase, and that is missing or wrong.
    """
    pem = _read_private(path)
    secret = passphrases(path.stem) if pem.lstrip().startswith(_ENCRYPTED) else None
    try:
        key = load_pem_private_key(pem, password=secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if secret is not None:
            _refuse_passphrase(path, error)
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return key


def is_encrypted(path: Path) -> bool:
    """Whether the key at `path` has a passphrase; an error if it cannot be read or others may read it."""
    return _read_private(path).lstrip().startswith(_ENCRYPTED)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def mark_secret(key: Ed25519PrivateKey) -> bytes:
    """The secret, derived from `key`, with which its holder marks entries as its own."""
    return hashlib.sha256(b"assaymark ledger mark\n" + key.private_bytes_raw()).digest()


def parse_public_key(text: str) -> bytes:
    """32 bytes from 64 hexadecimal digits.

    Raises:
        UsageError: `text` is something else.
    """
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(text.strip())
        if len(key) == 32:
            return key
    raise UsageError(
        f"{text[:80]!r} is no public key.", "Give the 64 hexadecimal digits that `assaymark log head` prints."
    )


def _read_private(path: Path) -> bytes:
    """The file's bytes, if they are its owner's alone; empty if it is no file."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            pem = file.read(_MAX_PEM) if stat.S_ISREG(about.st_mode) else b""
    except OSError as error:
        raise AssaymarkError(
            f"Could not read the signing key {path}: {error.strerror}.",
            "Restore it, or set ASSAYMARK_KEY to another one.",
        ) from error
    mode = stat.S_IMODE(about.st_mode)
    if mode & 0o077:
        raise AssaymarkError(
            f"The signing key {path} can be read or changed by others (mode {mode:04o}).",
            f"If nobody did, run: chmod 600 '{path}'. Otherwise move it away; a new one will be made.",
        )
    if about.st_uid not in (os.geteuid(), 0):
        raise AssaymarkError(
            f"The signing key {path} belongs to another user, number {about.st_uid}, who can change it.",
            f"If it is yours, run: chown {os.geteuid()} '{path}'. Otherwise use a key of your own.",
        )
    return pem


def _refuse_passphrase(path: Path, error: Exception) -> NoReturn:
    raise UsageError(
        f"The key {path} could not be decrypted: the passphrase is wrong, or the file is damaged.",
        "Give the passphrase that was set when the key was made.",
    ) from error


def _write_new(path: Path, data: bytes) -> None:
    """Write `path` whole, or fail if it exists: a link, unlike a rename, never replaces."""
    handle, temporary = tempfile.mkstemp(prefix=".key.", dir=path.parent)  # mkstemp gives mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        Path(temporary).unlink()


def _not_a_key(path: Path) -> AssaymarkError:
    return AssaymarkError(
        f"{path} does not hold an Ed25519 key in PEM form.",
        "Move it away and a new one will be made, or set ASSAYMARK_KEY to the right file.",
    )
