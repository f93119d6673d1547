"""A folder of signing keys: ``<name>.pem`` (private), ``<name>.json`` (public), ``<name>.rotation.json``.

Nothing is overwritten. What a killed process leaves is either complete or finished by the next try.
"""

import contextlib
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.keys import (
    Passphrases,
    create_key,
    environment_passphrase,
    is_encrypted,
    load_key,
    parse_public_key,
    public_bytes,
    write_key,
)
from assaymark.ledger.rotation import (
    MAX_ROTATION_BYTES,
    Rotation,
    newest_key,
    parse_rotations,
    render_rotations,
    sign_rotation,
)

__all__ = ["MACHINE", "KeyInfo", "Keyring", "load_signing_key"]

MACHINE = "ledger"
"""Name of the key with which the machine signs by itself."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_STORED = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(\.[0-9a-f]{8})?")
_MAX_INFO = 16_384
_MAX_KEYS = 1_000


class KeyInfo(Struct, frozen=True, kw_only=True):
    """What may be told of a key; the file beside it."""

    v: Literal[1] = 1
    """Version of this format."""
    name: str
    role: str = ""
    """Role in which its owner signs; empty if it is not stated."""
    person: str = ""
    """Who signs with it; empty if it is not stated."""
    created: str = ""
    """ISO 8601, UTC."""
    public_key: str = ""
    """Hexadecimal."""
    retired: str = ""
    """When another key took over, ISO 8601, UTC; empty while it signs."""
    replaced_by: str = ""
    """Hexadecimal key that took over."""


class Keyring:
    """The keys in one folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is made with the first key."""
        self.folder = folder

    def new(self, name: str, *, role: str = "", person: str = "", passphrase: bytes = b"") -> KeyInfo:
        """Make a key; without a `passphrase` it is not encrypted.

        Raises:
            UsageError: the name cannot be used, or there is a key of that name, which is left as it is.
            AssaymarkError: the folder cannot be written, or others may write it.
        """
        self.check_new(name)
        with self._locked():
            self.check_new(name)  # another process may have been quicker
            key = Ed25519PrivateKey.generate()
            info = KeyInfo(
                name=name, role=role, person=person, created=_now(), public_key=public_bytes(key).hex()
            )
            self._write(f"{name}.json", _rendered(info))  # before the key: a key without it would be nobody's
            write_key(self._pem(name), key, passphrase)
        return info

    def check_new(self, name: str) -> None:
        """Refuse, before anybody is asked for a passphrase, what `new` would refuse."""
        _check_name(name)
        if os.path.lexists(self._pem(name)):
            raise UsageError(
                f"There is a key named {name} already.",
                f"Choose another name, or give it a successor: assaymark key rotate {name}",
            )

    def all(self) -> tuple[KeyInfo, ...]:
        """All keys by name, retired ones too; a key without a public file has a name alone."""
        if not self.folder.is_dir():
            return ()
        names = sorted(path.stem for path in self.folder.glob("*.pem") if _STORED.fullmatch(path.stem))
        return tuple(self._info(name) for name in names[:_MAX_KEYS])

    def info(self, name: str) -> KeyInfo:
        """What may be told of the key `name`.

        Raises:
            UsageError: there is none.
        """
        if not _STORED.fullmatch(name) or not self._pem(name).is_file():
            known = ", ".join(info.name for info in self.all() if not info.retired) or "none yet"
            raise UsageError(
                f"There is no key named {name[:80]!r} in {self.folder}.",
                f"Keys: {known}. Make one: assaymark key new NAME",
            )
        return self._info(name)

    def encrypted(self, name: str) -> bool:
        """Whether the key has a passphrase."""
        return is_encrypted(self._pem(name))

    def load(self, name: str, passphrases: Passphrases = environment_passphrase) -> Ed25519PrivateKey:
        """The private key.

        Raises:
            UsageError: there is none, or its passphrase is missing or wrong.
            AssaymarkError: others may read it, or it is not the key that its public file names.
        """
        info = self.info(name)
        key = load_key(self._pem(name), passphrases)
        if info.public_key and public_bytes(key).hex() != info.public_key:
            raise AssaymarkError(
                f"The key {self._pem(name)} is not the one that {name}.json names.",
                "One of the two was exchanged; restore it from a copy before signing with it.",
            )
        return key

    def rotations(self, name: str) -> tuple[Rotation, ...]:
        """The key's hand-overs, oldest first."""
        return tuple(rotation for rotation, _ in self._rotations(name))

    def rotate(self, name: str, passphrases: Passphrases, passphrase: bytes = b"") -> Rotation:
        """Put a new key in the place of `name`; the old one is kept under another name and marked retired.

        A rotation that was interrupted is finished; its new key keeps the passphrase that it was made with.

        Args:
            name: a key that signs now.
            passphrases: for the old key, and for a new key that an interrupted rotation left.
            passphrase: for the new key; empty: not encrypted.
        """
        _check_name(name)
        self.info(name)  # that there is one, before anything is locked
        with self._locked():
            info, new_place = self._info(name), self._next(name)
            old = self.load(name, passphrases)
            if new_place.exists():
                new = load_key(new_place, lambda _: passphrases(f"{name} (its successor)"))
            else:
                new = create_key(new_place, passphrase)
            rotation, told = self._handed_over(info, old, new)
            self._write(f"{name}.rotation.json", told)
            self._retire(info, rotation)
            new_place.replace(self._pem(name))
            _sync(self.folder)
            fresh = msgspec.structs.replace(info, created=rotation.rotated_at, public_key=rotation.new_key)
            self._write(f"{name}.json", _rendered(fresh))
        return rotation

    def _handed_over(
        self, info: KeyInfo, old: Ed25519PrivateKey, new: Ed25519PrivateKey
    ) -> tuple[Rotation, bytes]:
        """The statement, and the file with it; the one already written if the last try came that far."""
        kept = self._rotations(info.name)
        ends = (public_bytes(old).hex(), public_bytes(new).hex())
        if kept and (kept[-1][0].old_key, kept[-1][0].new_key) == ends:
            return kept[-1][0], render_rotations([envelope for _, envelope in kept])
        rotation = Rotation(
            name=info.name,
            person=info.person,
            role=info.role,
            old_key=ends[0],
            new_key=ends[1],
            rotated_at=_now(),
        )
        envelopes = [*(envelope for _, envelope in kept), sign_rotation(rotation, old, new)]
        return rotation, render_rotations(envelopes)

    def _retire(self, info: KeyInfo, rotation: Rotation) -> None:
        """Keep the old key under a name of its own."""
        name = f"{info.name}.{rotation.old_key[:8]}"
        retired = msgspec.structs.replace(
            info,
            name=name,
            public_key=rotation.old_key,
            retired=rotation.rotated_at,
            replaced_by=rotation.new_key,
        )
        self._write(f"{name}.json", _rendered(retired))
        with contextlib.suppress(FileExistsError):  # the last try came that far
            os.link(self._pem(info.name), self._pem(name))

    def _pem(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _next(self, name: str) -> Path:
        """Where a new key waits until its statement is written."""
        return self.folder / f".{name}.next"

    def _info(self, name: str) -> KeyInfo:
        try:
            with (self.folder / f"{name}.json").open("rb") as file:
                info = msgspec.json.decode(file.read(_MAX_INFO), type=KeyInfo)
        except FileNotFoundError:
            return KeyInfo(name=name)
        except (OSError, ValueError, RecursionError) as error:
            raise AssaymarkError(
                f"{self.folder / name}.json cannot be read: {error}.", "Restore it, or remove it."
            ) from error
        if info.public_key:
            parse_public_key(info.public_key)
        key = info.public_key
        if key and not info.retired and not self._next(name).exists():
            key = newest_key(self.rotations(name), key)  # a rotation was interrupted before its last step
        return msgspec.structs.replace(info, name=name, public_key=key)

    def _rotations(self, name: str) -> tuple[tuple[Rotation, bytes], ...]:
        path = self.folder / f"{name}.rotation.json"
        try:
            with path.open("rb") as file:
                data = file.read(MAX_ROTATION_BYTES + 1)
        except FileNotFoundError:
            return ()
        return parse_rotations(data, str(path))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the folder, which is ours alone."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _check_folder(self.folder)
            lock = os.open(
                self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
        except OSError as error:
            raise AssaymarkError(
                f"The folder of keys {self.folder} cannot be written: {error.strerror}.",
                "Set ASSAYMARK_KEYRING to a folder that can.",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self.folder.glob(".public.*"):  # by a process that was killed
                left.unlink(missing_ok=True)
            yield
        finally:
            os.close(lock)

    def _write(self, name: str, data: bytes) -> None:
        """Write a public file whole or not at all."""
        handle, temporary = tempfile.mkstemp(prefix=".public.", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.folder / name)
            _sync(self.folder)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()


def load_signing_key(
    name_or_path: str, folder: Path, passphrases: Passphrases = environment_passphrase
) -> tuple[Ed25519PrivateKey, KeyInfo]:
    """A key to sign with, and what is known of it.

    Args:
        name_or_path: a key's name in the keyring at `folder`, or the path of a PEM file (with a slash or
            ending in ``.pem``).
        folder: the keyring.
        passphrases: asked only if the key has a passphrase.

    Raises:
        UsageError: there is no such key, it is retired, or its passphrase is missing or wrong.
        AssaymarkError: others may read it, or it is no Ed25519 key.
    """
    if "/" in name_or_path or name_or_path.endswith(".pem"):
        path = Path(name_or_path)
        key = load_key(path, passphrases)
        return key, KeyInfo(name=path.stem, public_key=public_bytes(key).hex())
    ring = Keyring(folder)
    info = ring.info(name_or_path)
    if info.retired:
        raise UsageError(
            f"The key {info.name} was retired on {info.retired[:10]} and signs no more.",
            f"Sign with {info.name.partition('.')[0]}, which took over.",
        )
    key = ring.load(name_or_path, passphrases)
    return key, msgspec.structs.replace(info, public_key=public_bytes(key).hex())


def _check_name(name: str) -> None:
    if name == MACHINE:
        raise UsageError(
            f"{MACHINE} is the name of the machine's own key, which is made by itself.",
            "Choose another name.",
        )
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} cannot be the name of a key.",
            "Use up to 64 small letters, digits, - and _, such as ann-lee.",
        )


def _check_folder(folder: Path) -> None:
    about = folder.stat()
    if about.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(about.st_mode) & 0o077:
        raise AssaymarkError(
            f"The folder of keys {folder} is open to others (mode {stat.S_IMODE(about.st_mode):04o}).",
            f"If it is yours, run: chmod 700 '{folder}'",
        )


def _rendered(info: KeyInfo) -> bytes:
    return msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
