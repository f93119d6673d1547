"""Content beside the log, enciphered per subject, so that erasing a subject's key erases its content.

::

    <folder>/keys/<subject>.<key id>.key            the wrapped data key: erasing this file erases the content
    <folder>/data/<subject>.<key id>.<content id>   one content each

A key id is used once and never again: what is kept for the same subject after an erasure has another one, so
that an erasure can be repeated at any time (after a restore from a backup, say) and hits nothing newer.
"""

import contextlib
import fcntl
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.content_cipher import CipherError, Wrapping, commitment, opened, sealed
from assaymark.ledger.content_files import (
    DamagedContent,
    check_folder,
    damaged,
    names_in,
    overwrite_and_remove,
    read_file,
    sync,
    write_new,
)

__all__ = [
    "MAX_CONTENT_BYTES",
    "Content",
    "ContentStore",
    "Erased",
    "Reference",
    "subject_name",
]

MAX_CONTENT_BYTES = 64 * 2**20
"""Longest content that is kept."""

_OVERHEAD = 256
_KEY_FILE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{16})\.key")
_DATA_FILE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{16})\.([0-9a-f]{32})")


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the log holds of some content; tells neither the content nor whose it is."""

    subject: str
    """Pseudonym of the subject, 32 hexadecimal digits."""
    key: str
    """Id of the data key, 16 hexadecimal digits."""
    id: str
    """Id of the content, 32 hexadecimal digits."""
    commitment: str
    """HMAC-SHA256 of the content under a salt that lies with the content, hexadecimal."""


class Content(Struct, frozen=True):
    """Content as it was kept."""

    data: bytes
    salt: bytes
    """With it anybody can check the content against the commitment in the log."""


class Erased(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an erasure erases, or erased."""

    subject: str
    """Pseudonym of the subject."""
    keys: tuple[str, ...]
    """Ids of its data keys."""
    contents: tuple[str, ...]
    """Ids of what was enciphered under them."""


def subject_name(text: str) -> str:
    """A subject's name in the one spelling that counts.

    Raises:
        UsageError: it is empty or too long.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > 1_000:
        raise UsageError(
            "The name of a subject is empty or longer than 1,000 letters.", "Name an asset or person."
        )
    return name


class ContentStore:
    """The kept content of one log."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, log: str) -> None:
        """Use `folder`, which is made with the first content.

        Args:
            folder: must not lie in the assessed tree: what Git or a backup copies cannot be erased.
            key: the machine's; with another one nothing here can be read.
            log: origin of the log.
        """
        self._keys, self._data = folder / "keys", folder / "data"
        self._folder = folder
        self._wrapping = Wrapping(key, log)

    def put(self, subject: str, data: bytes) -> Reference:
        """Keep `data` for `subject`.

        Raises:
            UsageError: it is too long.
            AssaymarkError: the folder cannot be written; nothing was kept.
        """
        if len(data) > MAX_CONTENT_BYTES:
            raise UsageError(
                f"Content of {len(data):,} bytes is too long; the limit is {MAX_CONTENT_BYTES:,}.",
                "Keep it elsewhere, and its digest here.",
            )
        with self._locked():
            who = self._wrapping.pseudonym(subject_name(subject))
            key_id, data_key = self._data_key(who)
            reference = Reference(subject=who, key=key_id, id=secrets.token_hex(16), commitment="")
            place = f"{who}.{key_id}.{reference.id}"
            file, told = sealed(data_key, data, place)
            write_new(self._data / place, file)
            return Reference(subject=who, key=key_id, id=reference.id, commitment=told)

    def get(self, reference: Reference) -> Content:
        """The content behind `reference`.

        Raises:
            ContentGone: it was erased, or lies elsewhere.
            DamagedContent: what lies there is not what was kept.
        """
        place = f"{reference.subject}.{reference.key}.{reference.id}"
        if not _DATA_FILE.fullmatch(place):
            raise DamagedContent("The entry names no kept content.", "Run `assaymark log verify`.")
        data_key = self._unwrapped(f"{reference.subject}.{reference.key}")
        data = read_file(self._data / place, MAX_CONTENT_BYTES + _OVERHEAD)
        try:
            salt, content = opened(data_key, data, place)
        except CipherError as error:
            raise damaged(self._data / place, str(error)) from error
        if not hmac.compare_digest(commitment(salt, content), reference.commitment):
            raise damaged(self._data / place, "it is not what the entry in the log was made for")
        return Content(content, salt)

    def held(self, subject: str) -> Erased:
        """What lies here for `subject`, which is what erasing it would erase."""
        return self._held(self._wrapping.pseudonym(subject_name(subject)))

    def key_ids(self) -> tuple[tuple[str, str], ...]:
        """Pseudonym and key id of every data key that lies here, or under which something here is."""
        keys = [m for name in names_in(self._keys) if (m := _KEY_FILE.fullmatch(name))]
        contents = [m for name in names_in(self._data) if (m := _DATA_FILE.fullmatch(name))]
        return tuple(sorted({(m[1], m[2]) for m in (*keys, *contents)}))

    def erase(self, what: Erased) -> Erased:
        """Erase those data keys, and what is enciphered under them; gives what was still there.

        Each key's file is overwritten, flushed to the disk and removed before any other is touched.
        """
        with self._locked():
            wanted = {f"{what.subject}.{key}" for key in what.keys}
            keys = [n for n in names_in(self._keys) if n.removesuffix(".part").removesuffix(".key") in wanted]
            contents = [n for n in names_in(self._data) if n[:49] in wanted]
            for name in keys:
                overwrite_and_remove(self._keys / name)
            sync(self._keys)
            for name in contents:
                (self._data / name).unlink()
            sync(self._data)
        return Erased(
            subject=what.subject,
            keys=tuple(sorted({m[2] for n in keys if (m := _KEY_FILE.fullmatch(n))})),
            contents=tuple(sorted({m[3] for n in contents if (m := _DATA_FILE.fullmatch(n))})),
        )

    def discard(self, reference: Reference) -> None:
        """Remove one content that never came into the log."""
        with self._locked():
            (self._data / f"{reference.subject}.{reference.key}.{reference.id}").unlink(missing_ok=True)

    def _held(self, who: str) -> Erased:
        files = (_KEY_FILE.fullmatch(name) for name in names_in(self._keys))
        keys = tuple(m[2] for m in files if m and m[1] == who)
        matches = (_DATA_FILE.fullmatch(name) for name in names_in(self._data))
        contents = tuple(m[3] for m in matches if m and m[1] == who and m[2] in keys)
        return Erased(subject=who, keys=keys, contents=contents)

    def _data_key(self, who: str) -> tuple[str, bytes]:
        """The subject's data key, a new one if it has none."""
        for key_id in self._held(who).keys:
            return key_id, self._unwrapped(f"{who}.{key_id}")
        key_id, data_key = secrets.token_hex(8), secrets.token_bytes(32)
        place = f"{who}.{key_id}"
        write_new(self._keys / f"{place}.key", self._wrapping.wrapped(data_key, place))
        return key_id, data_key

    def _unwrapped(self, place: str) -> bytes:
        path = self._keys / f"{place}.key"
        data = read_file(path, _OVERHEAD)
        try:
            return self._wrapping.unwrapped(data, place)
        except CipherError as error:
            raise damaged(path, str(error)) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time: nothing is kept under a key that another is erasing."""
        lock = -1
        try:
            for folder in (self._folder, self._keys, self._data):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                check_folder(folder)
            lock = os.open(
                self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise AssaymarkError(
                f"The kept content in {self._folder} could not be changed: {error.strerror or error}.",
                "Free some space or set ASSAYMARK_CONTENT_DIR, and run it again.",
            ) from error
        finally:
            if lock >= 0:
                os.close(lock)
