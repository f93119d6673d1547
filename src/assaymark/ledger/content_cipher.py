"""How kept content is enciphered and committed to. Pure but for randomness.

::

    machine's private key ──HKDF──▶ wrapping key ──AES-256-GCM──▶ data key of a subject (random, 256 bits)
    data key ──AES-256-GCM──▶ salt (random, 256 bits) ‖ content
    HMAC-SHA256(salt, content) ──▶ the commitment, which is all that the log holds

A plain digest of something short or common could be found by trying; without the salt nothing can be tried,
and the salt is gone with the data key.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["CipherError", "Wrapping", "commitment", "opened", "sealed"]

SALT_BYTES = 32
_NONCE_BYTES = 12
_KEY = b"AMKK1\n"
_CONTENT = b"AMKC1\n"


class CipherError(ValueError):
    """Bytes that were not enciphered under this key, for this place; the message says what they are."""


class Wrapping:
    """What the machine's key makes: the key under which data keys lie, and names that tell nothing."""

    def __init__(self, key: Ed25519PrivateKey, log: str) -> None:
        """Derive it for the log of that origin."""
        secret = key.private_bytes_raw()
        self._cipher = AESGCM(_derived(secret, b"assaymark content: wrapping\n" + log.encode()))
        self._names = _derived(secret, b"assaymark content: names\n" + log.encode())

    def pseudonym(self, subject: str) -> str:
        """32 hexadecimal digits that stand for `subject`; to guess behind them takes the machine's key."""
        return hmac.digest(self._names, subject.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def wrapped(self, data_key: bytes, place: str) -> bytes:
        """The file of a data key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _KEY + nonce + self._cipher.encrypt(nonce, data_key, _KEY + place.encode())

    def unwrapped(self, data: bytes, place: str) -> bytes:
        """The data key in a file.

        Raises:
            CipherError: it was changed, moved, or wrapped by another machine's key.
        """
        return _decrypted(self._cipher, _KEY, data, place)


def sealed(data_key: bytes, content: bytes, place: str) -> tuple[bytes, str]:
    """The file of some content, and the commitment to it."""
    nonce, salt = secrets.token_bytes(_NONCE_BYTES), secrets.token_bytes(SALT_BYTES)
    data = AESGCM(data_key).encrypt(nonce, salt + content, _CONTENT + place.encode())
    return _CONTENT + nonce + data, commitment(salt, content)


def opened(data_key: bytes, data: bytes, place: str) -> tuple[bytes, bytes]:
    """Salt and content in a file.

    Raises:
        CipherError: it was changed, moved, or enciphered under another key.
    """
    clear = _decrypted(AESGCM(data_key), _CONTENT, data, place)
    return clear[:SALT_BYTES], clear[SALT_BYTES:]


def commitment(salt: bytes, content: bytes) -> str:
    """Hexadecimal HMAC-SHA256 of `content` under `salt`."""
    return hmac.digest(salt, content, "sha256").hex()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)


def _decrypted(cipher: AESGCM, magic: bytes, data: bytes, place: str) -> bytes:
    start = len(magic) + _NONCE_BYTES
    if not data.startswith(magic) or len(data) < start + 16:
        raise CipherError("it is no file of this kind")
    try:
        return cipher.decrypt(data[len(magic) : start], data[start:], magic + place.encode())
    except InvalidTag as error:
        raise CipherError("it was changed, or is another machine's") from error
