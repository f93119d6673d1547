"""``assaymark key``."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from assaymark._cli.key import command
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.keys import create_key
from assaymark.system.manifest import read_manifest

SECRET = "five words that differ"
OPEN = "--no-passphrase"
"""Quicker, where the passphrase is not the point."""


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keyring's folder; the passphrase is in the environment."""
    monkeypatch.setenv("ASSAYMARK_KEYRING", str(tmp_path / "keys"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "keys" / "ledger.pem"))
    monkeypatch.setenv("ASSAYMARK_KEY_PASSPHRASE", SECRET)
    return tmp_path / "keys"


def key(*args: str) -> Result:
    """What the command prints."""
    result = CliRunner().invoke(command, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_key_is_made_listed_and_shown(ring: Path) -> None:
    """Its public half is on standard output; the private one is nowhere."""
    made = key("new", "ann", "--role", "Developer", "--person", "Ann Lee").stdout.strip()
    assert (ring / "ann.pem").read_bytes().startswith(b"-----BEGIN ENCRYPTED")
    assert [line.split() for line in key("list").stdout.splitlines()] == [
        ["ann", made, "encrypted", "Ann", "Lee,", "Developer"]
    ]
    shown = key("show", "ann").stdout
    for part in (made, "vkey:        ann+", "ssh:         ssh-ed25519 ", "-----BEGIN PUBLIC KEY-----"):
        assert part in shown
    assert key("show", "ann", "--form", "hex").stdout == f"{made}\n"
    told = json.loads(key("list", "--json").stdout)
    assert (told["public_key"], told["encrypted"]) == (made, True)


def test_other_tools_read_the_public_key(tmp_path: Path) -> None:
    """OpenSSL and ssh-keygen, where they are."""
    key("new", "ann", OPEN)
    for form, tool in (("pem", ["openssl", "pkey", "-pubin", "-in"]), ("ssh", ["ssh-keygen", "-l", "-f"])):
        (tmp_path / form).write_text(key("show", "ann", "--form", form).stdout)
        try:
            done = subprocess.run([*tool, str(tmp_path / form)], capture_output=True)
        except FileNotFoundError:
            continue
        assert done.returncode == 0, done.stderr


def test_the_list_says_why_the_machine_s_key_is_open(ring: Path) -> None:
    """It signs unattended; with a passphrase it says that instead."""
    assert "no keys yet" in key("list").stderr
    create_key(ring / "ledger.pem")
    assert "it signs unattended, so its key is not encrypted" in key("list").stdout
    (ring / "ledger.pem").unlink()
    create_key(ring / "ledger.pem", SECRET.encode())
    assert "encrypted           this machine; it signs unattended\n" in key("list").stdout


def test_without_a_passphrase_only_on_request(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked here, so one has to be given or refused."""
    monkeypatch.delenv("ASSAYMARK_KEY_PASSPHRASE")
    with pytest.raises(UsageError, match="none was given"):
        key("new", "ann")
    key("new", "ann", "--no-passphrase")
    assert (ring / "ann.pem").read_bytes().startswith(b"-----BEGIN PRIVATE")
    assert "not encrypted" in key("list").stdout
    monkeypatch.setenv("ASSAYMARK_KEY_PASSPHRASE", "short")
    with pytest.raises(UsageError, match="shorter than 12"):
        key("new", "bob")


def test_a_passphrase_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    """One line; readable by others, empty or missing it is refused."""
    file = tmp_path / "secret"
    file.write_text("another secret of mine\n")
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        key("new", "ann", "--passphrase-file", str(file))
    file.chmod(0o600)
    key("new", "ann", "--passphrase-file", str(file))
    with pytest.raises(UsageError, match="passphrase is wrong"):
        key("rotate", "ann")
    key("rotate", "ann", "--passphrase-file", str(file))
    for path, text in ((file, ""), (tmp_path / "none", None)):
        if text is not None:
            path.write_text(text)
        with pytest.raises(UsageError, match="passphrase file"):
            key("new", "bob", "--passphrase-file", str(path))


def test_a_typed_passphrase_is_not_echoed(ring: Path) -> None:
    """On a real terminal, typed twice."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.pop("ASSAYMARK_KEY_PASSPHRASE")
        program = "from assaymark._cli.key import command; command(['new', 'ann'])"
        os.execv(sys.executable, [sys.executable, "-c", program])
    screen = b""
    for _ in range(2):
        prompt = b""
        while not prompt.rstrip().endswith(b":"):
            prompt += os.read(terminal, 1_000)
        screen += prompt
        os.write(terminal, f"{SECRET}\n".encode())
    with contextlib.suppress(OSError):  # the terminal is closed
        while more := os.read(terminal, 1_000):
            screen += more
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, screen
    os.close(terminal)
    assert SECRET.encode() not in screen
    assert b"Repeat for confirmation" in screen
    key("rotate", "ann")


def test_a_rotated_key_is_listed_as_retired(ring: Path) -> None:
    """With the date, and what took over; the statement lies beside it."""
    old = key("new", "ann", "--role", "Assessor", "--person", "Ann", OPEN).stdout.strip()
    new = key("rotate", "ann", OPEN).stdout.strip()
    first, second = sorted(key("list").stdout.splitlines())
    assert new in first
    assert f"ann.{old[:8]}" in second
    assert "retired 20" in second
    assert f"Replaced by: {new}" in key("show", f"ann.{old[:8]}").stdout
    assert (ring / "ann.rotation.json").is_file()
    with pytest.raises(UsageError):
        key("rotate", f"ann.{old[:8]}")


def test_public_keys_go_into_a_manifest_as_they_are(tmp_path: Path) -> None:
    """Whatever a person is called."""
    key("new", "ann", "--role", "Developer", "--person", 'Ann "A" \x1b[31m: #Lee 🙂', OPEN)
    key("new", "bob", "--role", "Data Custodian", "--person", "Bob", OPEN)
    key("rotate", "bob", OPEN)
    key("new", "nobody", OPEN)
    text = key("export-public").stdout
    system = read_manifest("assaymark: 1\nname: x\n" + text, "m")
    assert [(s.name, s.role) for s in system.signatories] == [
        ('Ann "A" \x1b[31m: #Lee 🙂', "Developer"),
        ("Bob", "Data Custodian"),
    ]
    assert "\x1b" not in text
    assert "\x1b" not in key("list").stdout + key("show", "ann").stdout
    key("export-public", "bob", "-o", str(tmp_path / "out.yaml"))
    assert (tmp_path / "out.yaml").read_text().count("name:") == 1
    with pytest.raises(UsageError, match="nobody"):
        key("export-public", "nobody")


def test_what_is_public_survives_a_lost_public_file_no_further(ring: Path) -> None:
    """The list still works; showing the key is an error with advice."""
    key("new", "ann", OPEN)
    (ring / "ann.json").unlink()
    assert "public half unknown" in key("list").stdout
    with pytest.raises(AssaymarkError, match=r"no ann\.json"):
        key("show", "ann")
    assert msgspec.json.decode(key("list", "--json").stdout)["public_key"] == ""
