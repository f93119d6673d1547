"""A key with a passphrase is read by others."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.ledger.key_encryption import encrypted_pem


@settings(max_examples=3, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=1_000))
def test_the_library_reads_it_back(secret: bytes, passphrase: bytes) -> None:
    """Whatever the key and the passphrase, and with no other passphrase."""
    pem = encrypted_pem(Ed25519PrivateKey.from_private_bytes(secret), passphrase)
    read = load_pem_private_key(pem, passphrase)
    assert isinstance(read, Ed25519PrivateKey)
    assert read.private_bytes_raw() == secret
    with pytest.raises(ValueError):  # noqa: PT011  whatever it says of bytes that make no sense
        load_pem_private_key(pem, passphrase[:-1] + bytes([passphrase[-1] ^ 1]))


def test_the_same_key_never_looks_the_same() -> None:
    """Salt and vector are drawn anew."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert encrypted_pem(key, b"x") != encrypted_pem(key, b"x")
