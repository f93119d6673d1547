"""The folder of keys with which persons sign."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.keyring import Keyring, load_signing_key
from assaymark.ledger.keys import PassphraseNeeded, create_key, load_key, public_bytes
from assaymark.ledger.rotation import newest_key

SECRET = "five wörds that differ".encode()


def given(name: str) -> bytes:
    """The passphrase of every key here."""
    return SECRET


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    """An empty keyring."""
    return Keyring(tmp_path / "keys")


def test_a_key_is_encrypted_and_private(ring: Keyring) -> None:
    """Nobody else may read it, it needs its passphrase, and the public file holds nothing secret."""
    info = ring.new("ann", role="Developer", person="Ann Lee", passphrase=SECRET)
    pem, public = ring.folder / "ann.pem", ring.folder / "ann.json"
    assert pem.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert pem.stat().st_mode & 0o777 == 0o600
    assert ring.folder.stat().st_mode & 0o777 == 0o700
    key, found = load_signing_key("ann", ring.folder, given)
    assert found == info
    assert public_bytes(key).hex() == info.public_key
    told = json.loads(public.read_text())
    assert set(told) == {
        "v",
        "name",
        "role",
        "person",
        "created",
        "public_key",
        "retired",
        "replaced_by",
    }
    assert key.private_bytes_raw().hex() not in public.read_text()


def test_openssl_reads_it_with_the_same_passphrase(ring: Keyring) -> None:
    """It is plain PKCS#8."""
    ring.new("ann", passphrase=SECRET)
    command = ["openssl", "pkey", "-in", str(ring.folder / "ann.pem"), "-passin", "env:PASS", "-pubout"]
    try:
        done = subprocess.run(command, capture_output=True, env={**os.environ, "PASS": SECRET.decode()})
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    assert b"BEGIN PUBLIC KEY" in done.stdout, done.stderr
    command = ["openssl", "asn1parse", "-in", str(ring.folder / "ann.pem")]
    shown = subprocess.run(command, capture_output=True, check=True).stdout
    assert all(part in shown for part in (b"PBES2", b"scrypt", b"aes-256-cbc", b":4000"))


def test_the_wrong_passphrase_and_none_are_told_apart(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment serves where nobody can be asked; no message repeats a passphrase."""
    ring.new("ann", passphrase=SECRET)
    monkeypatch.delenv("ASSAYMARK_KEY_PASSPHRASE", raising=False)
    with pytest.raises(PassphraseNeeded, match="ASSAYMARK_KEY_PASSPHRASE"):
        ring.load("ann")
    with pytest.raises(UsageError, match="passphrase is wrong") as caught:
        ring.load("ann", lambda _: b"not this one")
    assert "not this one" not in str(caught.value)
    monkeypatch.setenv("ASSAYMARK_KEY_PASSPHRASE", "five wo\u0308rds that differ")
    assert public_bytes(ring.load("ann")).hex() == ring.info("ann").public_key


def test_the_machine_s_key_may_have_a_passphrase_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it comes from the environment."""
    made = create_key(tmp_path / "ledger.pem", SECRET)
    monkeypatch.setenv("ASSAYMARK_KEY_PASSPHRASE", SECRET.decode())
    assert public_bytes(load_key(tmp_path / "ledger.pem")) == public_bytes(made)


def test_an_existing_key_is_never_replaced(ring: Keyring) -> None:
    """Not even by a link that leads nowhere."""
    before = ring.new("ann")
    with pytest.raises(UsageError, match="already"):
        ring.new("ann")
    assert ring.info("ann") == before
    (ring.folder / "bob.pem").symlink_to("nowhere")
    with pytest.raises(UsageError, match="already"):
        ring.new("bob")


@pytest.mark.parametrize("name", ["", "Ann", "../ann", "a.b", "-a", "a" * 65, "ledger", "a\n", "ä"])
def test_names_that_cannot_be_files_are_refused(ring: Keyring, name: str) -> None:
    """One spelling, no dots, no paths; the machine's own name is taken."""
    with pytest.raises(UsageError):
        ring.new(name)
    assert not ring.folder.exists()


def test_a_key_or_folder_that_others_may_open_is_refused(ring: Keyring) -> None:
    """With the command that mends it."""
    ring.new("ann")
    (ring.folder / "ann.pem").chmod(0o640)
    with pytest.raises(AssaymarkError, match="chmod 600"):
        ring.load("ann")
    ring.folder.chmod(0o755)
    with pytest.raises(AssaymarkError, match="chmod 700"):
        ring.new("bob")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(ring: Keyring) -> None:
    """Its owner could exchange it at any time."""
    ring.new("ann")
    os.chown(ring.folder / "ann.pem", 12_345, -1)
    with pytest.raises(AssaymarkError, match="belongs to another user"):
        ring.load("ann")


def test_an_exchanged_key_is_noticed(ring: Keyring) -> None:
    """The private file has to be the one that the public file names."""
    ring.new("ann")
    ring.new("eve")
    (ring.folder / "eve.pem").replace(ring.folder / "ann.pem")
    with pytest.raises(AssaymarkError, match="not the one"):
        ring.load("ann")


def test_a_rotated_key_has_a_successor(ring: Keyring) -> None:
    """The old key is kept and signs no more; anybody can follow from it to the new one."""
    first = ring.new("ann", role="Assessor", person="Ann Lee", passphrase=SECRET)
    ring.rotate("ann", given)
    second = ring.info("ann")
    ring.rotate("ann", given, SECRET)
    third = ring.info("ann")
    assert len({first.public_key, second.public_key, third.public_key}) == 3
    assert newest_key(ring.rotations("ann"), first.public_key) == third.public_key
    assert (third.person, third.role, third.retired) == ("Ann Lee", "Assessor", "")
    old = ring.info(f"ann.{first.public_key[:8]}")
    assert old.retired
    assert old.replaced_by == second.public_key
    assert public_bytes(ring.load(old.name, given)).hex() == first.public_key
    with pytest.raises(UsageError, match="signs no more"):
        load_signing_key(old.name, ring.folder, given)
    key, info = load_signing_key("ann", ring.folder, given)
    assert public_bytes(key).hex() == info.public_key == third.public_key
    assert len(ring.all()) == 3


@pytest.mark.parametrize("step", range(7))
def test_an_interrupted_rotation_is_finished_by_the_next(ring: Keyring, step: int) -> None:
    """Killed at any system call that changes the folder, the key can sign, and a second try gets there."""
    first = ring.new("ann")  # unencrypted: it is quicker, and there are many steps
    program = (
        "import os, sys; from pathlib import Path; from assaymark.ledger.keyring import Keyring\n"
        "left = int(sys.argv[2])\n"
        "def hook(event, args):\n"
        "    global left\n"
        "    if event in ('os.rename', 'os.link') and sys.argv[1] in str(args[0]):\n"
        "        left -= 1\n"
        "        if left < 0: os._exit(9)\n"
        "sys.addaudithook(hook)\n"
        "Keyring(Path(sys.argv[1])).rotate('ann', None)\n"
    )
    command = [sys.executable, "-c", program, str(ring.folder), str(step)]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode in (0, 9), done.stderr
    key, info = load_signing_key("ann", ring.folder, given)
    assert public_bytes(key).hex() == info.public_key
    if info.public_key == first.public_key:
        assert done.returncode == 9
        ring.rotate("ann", given)
    after = ring.info("ann")
    assert newest_key(ring.rotations("ann"), first.public_key) == after.public_key != first.public_key
    assert ring.info(f"ann.{first.public_key[:8]}").retired
    assert public_bytes(ring.load(f"ann.{first.public_key[:8]}", given)).hex() == first.public_key
    assert not (ring.folder / ".ann.next").exists()


def test_what_is_not_there_is_an_error_that_names_what_is(ring: Keyring) -> None:
    """And a key by its path needs no keyring."""
    ring.new("ann")
    with pytest.raises(UsageError, match="Keys: ann"):
        load_signing_key("bob", ring.folder)
    key, info = load_signing_key(str(ring.folder / "ann.pem"), Path("/nowhere"))
    assert public_bytes(key).hex() == info.public_key
    with pytest.raises(AssaymarkError, match="Could not read"):
        load_signing_key("./none.pem", ring.folder)


def test_a_broken_public_file_is_an_error(ring: Keyring) -> None:
    """Rubbish, and a key that is none."""
    ring.new("ann")
    for text in ("{", "[]", '{"name":"ann","public_key":"xyz"}'):
        (ring.folder / "ann.json").write_text(text)
        with pytest.raises(AssaymarkError):
            ring.info("ann")
