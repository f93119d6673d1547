"""PKCS#8 with a passphrase that is slow to guess: PBES2 with scrypt and AES-256-CBC. Pure.

RFC 8018 and RFC 7914. The `cryptography` library writes PBKDF2 with 2,048 rounds, which cost a guesser
little. What is written here it reads, as does OpenSSL.
"""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

__all__ = ["encrypted_pem"]

_N, _R, _P = 2**14, 8, 5
"""Cost of one guess: about 16 MiB and a fifth of a second; more memory OpenSSL would refuse to read."""

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_LINE = 64


def encrypted_pem(key: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    """`key` as an ENCRYPTED PRIVATE KEY in PEM."""
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    secret = hashlib.scrypt(passphrase, salt=salt, n=_N, r=_R, p=_P, maxmem=2**26, dklen=32)
    padder, cipher = PKCS7(128).padder(), Cipher(AES(secret), CBC(iv)).encryptor()
    clear = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    data = cipher.update(padder.update(clear) + padder.finalize()) + cipher.finalize()
    costs = b"".join(_integer(value) for value in (_N, _R, _P))
    derivation = _sequence(_SCRYPT, _sequence(_part(_OCTETS, salt), costs))
    scheme = _sequence(_AES_256_CBC, _part(_OCTETS, iv))
    algorithm = _sequence(_PBES2, _sequence(derivation, scheme))
    return _pem(_sequence(algorithm, _part(_OCTETS, data)))


def _sequence(*parts: bytes) -> bytes:
    return _part(_SEQUENCE, b"".join(parts))


def _integer(value: int) -> bytes:
    return _part(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _part(tag: int, content: bytes) -> bytes:
    """DER: tag, length, content; nothing here is longer than 255 bytes."""
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = [text[n : n + _LINE] for n in range(0, len(text), _LINE)]
    head, tail = b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"-----END ENCRYPTED PRIVATE KEY-----"
    return b"\n".join([head, *lines, tail, b""])
