"""The signing key on disk."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.keys import create_key, load_key, load_or_create_key, parse_public_key, public_bytes


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    """The same key signs tomorrow; nobody else may read it or its folder."""
    path = tmp_path / "config" / "keys" / "ledger.pem"
    made = load_or_create_key(path)
    assert public_bytes(load_or_create_key(path)) == public_bytes(made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["ledger.pem"]


def test_an_existing_key_is_never_replaced(tmp_path: Path) -> None:
    """Making a key where one is fails and leaves it."""
    path = tmp_path / "k.pem"
    create_key(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        create_key(path)
    assert path.read_bytes() == before


def test_a_key_made_meanwhile_by_another_process_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two processes that start together, the second takes the first one's key."""
    path = tmp_path / "k.pem"
    first = create_key(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert public_bytes(load_or_create_key(path)) == public_bytes(first)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that mends it."""
    path = tmp_path / "k.pem"
    create_key(path)
    path.chmod(mode)
    with pytest.raises(AssaymarkError, match="chmod 600"):
        load_key(path)


def _private(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    """Rubbish, nothing, a folder and a key of another kind all give the same advice."""
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for data in (b"rubbish", b"", other):
        with pytest.raises(AssaymarkError, match="Ed25519"):
            load_key(_private(tmp_path / "k.pem", data))
    fifo = tmp_path / "device"
    os.mkfifo(fifo, 0o600)
    handle = os.open(fifo, os.O_RDWR)  # so that opening it for reading does not wait
    try:
        with pytest.raises(AssaymarkError, match="Ed25519"):
            load_key(fifo)
    finally:
        os.close(handle)


def test_a_missing_key_is_an_error_with_advice(tmp_path: Path) -> None:
    """Loading alone never makes one."""
    with pytest.raises(AssaymarkError, match="ASSAYMARK_KEY"):
        load_key(tmp_path / "none.pem")


def test_an_unwritable_place_is_an_error_with_advice(tmp_path: Path) -> None:
    """A file where the folder should be cannot hold a key."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AssaymarkError, match="ASSAYMARK_KEY"):
        create_key(tmp_path / "file" / "k.pem")


def test_public_keys_are_read_from_hexadecimal() -> None:
    """64 digits, and nothing else."""
    assert parse_public_key(f" {'0a' * 32}\n") == b"\n" * 32
    for text in ("", "0a", "zz" * 32, "0a" * 33):
        with pytest.raises(UsageError, match="no public key"):
            parse_public_key(text)
