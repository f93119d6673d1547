"""ECDSA keys."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.signing.samples import KEY, OTHER_KEY, VERIFIER, pem, public_pem

from assaymark.errors import UsageError
from assaymark.signing.bundle import Bundle, pae, pae_before_1_0, parse_bundle
from assaymark.signing.keys import (
    KeySigner,
    KeyVerifier,
    PasswordNeeded,
    hints,
    load_private_key,
    load_public_key,
)
from assaymark.signing.problems import DoesNotVerify

CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@pytest.mark.parametrize("curve", CURVES)
def test_each_curve_signs_and_verifies(curve: type[ec.EllipticCurve]) -> None:
    """With the digest that goes with it; who signed is told."""
    key = ec.generate_private_key(curve())
    bundle = parse_bundle(KeySigner(key).sign(b"payload"))
    assert bundle.payload == b"payload"
    assert KeyVerifier(key.public_key()).verify(bundle, before_1_0=False) == f"public key {bundle.hint}"


def test_another_key_is_named() -> None:
    """The hint tells it; without a hint the signature does."""
    bundle = parse_bundle(KeySigner(OTHER_KEY).sign(b"payload"))
    with pytest.raises(DoesNotVerify, match="Another key signed"):
        VERIFIER.verify(bundle, before_1_0=False)
    silent = Bundle(payload=bundle.payload, signature=bundle.signature)
    with pytest.raises(DoesNotVerify, match="does not match"):
        VERIFIER.verify(silent, before_1_0=False)
    posing = Bundle(payload=bundle.payload, signature=bundle.signature, hint=hints(KEY.public_key())[0])
    with pytest.raises(DoesNotVerify, match="does not match"):
        VERIFIER.verify(posing, before_1_0=False)


def test_a_hint_over_the_binary_form_is_accepted() -> None:
    """Some write that instead."""
    bundle = parse_bundle(KeySigner(KEY).sign(b"payload"))
    other = Bundle(payload=bundle.payload, signature=bundle.signature, hint=hints(KEY.public_key())[1])
    assert VERIFIER.verify(other, before_1_0=False)


def test_the_old_encoding_counts_for_old_statements_only() -> None:
    """model-signing 0.2 signed Python's notation, always with SHA-256."""
    key = ec.generate_private_key(ec.SECP384R1())
    payload = b'{"it\'s": "old"}'
    for digest in (hashes.SHA256(), hashes.SHA384()):
        old = Bundle(payload=payload, signature=key.sign(pae_before_1_0(payload), ec.ECDSA(digest)))
        assert KeyVerifier(key.public_key()).verify(old, before_1_0=True)
        with pytest.raises(DoesNotVerify):
            KeyVerifier(key.public_key()).verify(old, before_1_0=False)


def test_the_digest_belongs_to_the_curve() -> None:
    """SHA-256 with P-384 is not accepted."""
    key = ec.generate_private_key(ec.SECP384R1())
    wrong = Bundle(payload=b"p", signature=key.sign(pae(b"p"), ec.ECDSA(hashes.SHA256())))
    with pytest.raises(DoesNotVerify):
        KeyVerifier(key.public_key()).verify(wrong, before_1_0=False)


@pytest.mark.parametrize("signature", [b"", b"\x30\x00", b"\x30\x06\x02\x01\x00\x02\x01\x00", b"x" * 200])
def test_a_malformed_signature_does_not_verify(signature: bytes) -> None:
    """Nothing, an empty sequence, two zeros, noise."""
    with pytest.raises(DoesNotVerify):
        VERIFIER.verify(Bundle(payload=b"p", signature=signature), before_1_0=True)


def test_keys_are_read_from_files(tmp_path: Path) -> None:
    """Plain or with a password; a password too many does no harm."""
    (tmp_path / "plain").write_bytes(pem(KEY))
    (tmp_path / "locked").write_bytes(pem(KEY, b"secret"))
    (tmp_path / "public").write_bytes(public_pem(KEY))
    (tmp_path / "old").write_bytes(
        KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    public = load_public_key(tmp_path / "public")
    for name, password in (("plain", None), ("plain", b"x"), ("locked", b"secret"), ("old", None)):
        assert load_private_key(tmp_path / name, password).public_key() == public
    for wrong in (None, b"wrong"):
        with pytest.raises(PasswordNeeded):
            load_private_key(tmp_path / "locked", wrong)


def test_what_is_no_such_key_is_refused(tmp_path: Path) -> None:
    """Other algorithms, other curves, the wrong half, no key, a pipe, a file without end."""
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    rsa_key = rsa.generate_private_key(65537, 2048)
    files = {
        "rsa": rsa_key.private_bytes(*plain) + rsa_key.public_key().public_bytes(*public),
        "ed25519": ed25519.Ed25519PrivateKey.generate().private_bytes(*plain),
        "k1": pem(ec.generate_private_key(ec.SECP256K1())),
        "k1.pub": public_pem(ec.generate_private_key(ec.SECP256K1())),
        "none": b"hello",
        "empty": b"",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    for path in (*(tmp_path / name for name in (*files, "pipe", "gone")), Path("/dev/zero")):
        with pytest.raises(UsageError):
            load_private_key(path)
        with pytest.raises(UsageError):
            load_public_key(path)
