"""The Ed25519 key with which this machine signs: one PEM file that nobody else may read."""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from assaymark.errors import AssaymarkError, UsageError

__all__ = ["create_key", "load_key", "load_or_create_key", "mark_secret", "parse_public_key", "public_bytes"]

_MAX_PEM = 8_192


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`; made on first use."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker: take its key
            return create_key(path)
    return load_key(path)


def create_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it to `path`, readable by its owner alone, in a folder of mode 0700.

    Raises:
        FileExistsError: there is one already; it is left as it is.
        AssaymarkError: the place cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
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
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read the key at `path`.

    Raises:
        AssaymarkError: it cannot be read, others may read it too, or it is no Ed25519 key.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            pem = file.read(_MAX_PEM) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise AssaymarkError(
            f"Could not read the signing key {path}: {error.strerror}.",
            "Restore it, or set ASSAYMARK_KEY to another one.",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise AssaymarkError(
            f"The signing key {path} can be read or changed by others (mode {stat.S_IMODE(mode):04o}).",
            f"If nobody did, run: chmod 600 '{path}'. Otherwise move it away; a new one will be made.",
        )
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return key


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
        f"{path} does not hold an unencrypted Ed25519 key in PEM form.",
        "Move it away and a new one will be made, or set ASSAYMARK_KEY to the right file.",
    )
