"""ECDSA keys in PEM files: sign with the private half, verify with the public one (OMS v1.0, section 4.2)."""

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from assaymark.errors import UsageError
from assaymark.signing.bundle import Bundle, encode_bundle, pae, pae_before_1_0
from assaymark.signing.problems import DoesNotVerify

__all__ = [
    "KeySigner",
    "KeyVerifier",
    "PasswordNeeded",
    "check_signature",
    "digest_for",
    "hints",
    "load_private_key",
    "load_public_key",
    "read_pem",
]

_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "secp256r1": hashes.SHA256,
    "secp384r1": hashes.SHA384,
    "secp521r1": hashes.SHA512,
}
_MAX_PEM = 256 << 10
_ADVICE = "Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem"


class PasswordNeeded(UsageError):
    """The private key is encrypted and no password, or a wrong one, was given."""


class KeySigner:
    """Signs with a private key; whose it is, the verifier has to know."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def sign(self, payload: bytes) -> bytes:
        """The signature file for the statement `payload`."""
        signature = self._key.sign(pae(payload), ec.ECDSA(digest_for(self._key.public_key())))
        return encode_bundle(
            Bundle(payload=payload, signature=signature, hint=hints(self._key.public_key())[0])
        )


class KeyVerifier:
    """Accepts what one public key signed."""

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verify(self, bundle: Bundle, *, before_1_0: bool) -> str:
        """Who signed, in words.

        Raises:
            DoesNotVerify: another key signed, or the statement was changed afterwards.
        """
        if bundle.keyless:
            raise DoesNotVerify(
                "The model was signed with Sigstore, not with a bare key.", "Give --identity and --issuer."
            )
        if bundle.certificates:
            raise DoesNotVerify(
                "The model was signed with a certificate, not with a bare key.",
                "Give --trust instead of --key.",
            )
        expected = hints(self._key)
        if bundle.hint and bundle.hint not in expected:
            raise DoesNotVerify(
                f"Another key signed: the signature names {bundle.hint[:64]!r}, yours is {expected[0]}.",
                "Get the signer's public key over a way that you trust.",
            )
        check_signature(self._key, bundle, before_1_0=before_1_0)
        return f"public key {expected[0]}"


def load_private_key(path: Path, password: bytes | None = None) -> ec.EllipticCurvePrivateKey:
    """The private key in a PEM file.

    Raises:
        PasswordNeeded: it is encrypted, and `password` does not open it.
        UsageError: it cannot be read, or is no ECDSA key on P-256, P-384 or P-521.
    """
    pem = read_pem(path)
    try:
        key = load_pem_private_key(pem, password)
    except TypeError as error:
        if password is None:
            raise PasswordNeeded(f"{path} is encrypted.", "Give its password.") from error
        # A password for a key that has none: the key is what the user meant.
        return load_private_key(path, None)
    except (ValueError, UnsupportedAlgorithm) as error:
        if password is not None:
            raise PasswordNeeded(
                f"{path} does not open with this password.", "Give the right one."
            ) from error
        raise UsageError(f"{path} holds no private key in PEM form.", _ADVICE) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in _HASHES:
        raise UsageError(f"{path} is no key on P-256, P-384 or P-521.", _ADVICE)
    return key


def load_public_key(path: Path) -> ec.EllipticCurvePublicKey:
    """The public key in a PEM file.

    Raises:
        UsageError: it cannot be read, or is no ECDSA key on P-256, P-384 or P-521.
    """
    try:
        key = load_pem_public_key(read_pem(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"{path} holds no public key in PEM form.",
            "Make it from the private one with: openssl pkey -in key.pem -pubout -out key.pub",
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _HASHES:
        raise UsageError(f"{path} is no key on P-256, P-384 or P-521.", "Model signatures use no others.")
    return key


def read_pem(path: Path) -> bytes:
    """The content of a small regular file.

    Raises:
        UsageError: it is something else, or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(_MAX_PEM + 1) if regular else b""
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name a PEM file.") from error
    if not data or len(data) > _MAX_PEM:
        raise UsageError(f"{path} is no PEM file.", "Name a PEM file.")
    return data


def hints(key: ec.EllipticCurvePublicKey) -> tuple[str, str]:
    """SHA-256 of the key as PEM, which signatures carry, and as DER, which some write instead."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(pem).hexdigest(), hashlib.sha256(der).hexdigest()


def digest_for(key: ec.EllipticCurvePublicKey) -> hashes.HashAlgorithm:
    """The digest that goes with the key's curve.

    Raises:
        DoesNotVerify: the curve is none of the three.
    """
    if key.curve.name not in _HASHES:
        raise DoesNotVerify(f"The key is on the curve {key.curve.name}; P-256, P-384 and P-521 are accepted.")
    return _HASHES[key.curve.name]()


def check_signature(key: ec.EllipticCurvePublicKey, bundle: Bundle, *, before_1_0: bool) -> None:
    """That `key` signed the payload of `bundle`.

    Args:
        key: whose signature it should be.
        bundle: the signature.
        before_1_0: accept the encoding that model-signing 0.2 signed by mistake, too.

    Raises:
        DoesNotVerify: it did not.
    """
    accepted: list[tuple[bytes, hashes.HashAlgorithm]] = [(pae(bundle.payload), digest_for(key))]
    if before_1_0:
        old = pae_before_1_0(bundle.payload)
        accepted += [(old, digest_for(key)), (old, hashes.SHA256())]
    for signed, digest in accepted:
        try:
            key.verify(bundle.signature, signed, ec.ECDSA(digest))
        except InvalidSignature:
            continue
        return
    raise DoesNotVerify(
        "The signature does not match: another key signed, or the signed list was changed afterwards.",
        "Do not use the model before this is explained.",
    )
