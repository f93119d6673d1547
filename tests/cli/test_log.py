"""``assaymark log``."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from tests.ledger.samples import KEY, OTHER_KEY, TIME, observation, samples

from assaymark._cli.log import _COMMANDS, command
from assaymark.errors import AssaymarkError
from assaymark.ledger.entry import entry
from assaymark.ledger.keys import create_key, public_bytes
from assaymark.ledger.ledger import Ledger


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with a ledger of five entries."""
    monkeypatch.delenv("ASSAYMARK_STATE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "key.pem"))
    (tmp_path / "assurance").mkdir()
    with Ledger.open(tmp_path / "assurance" / "ledger", KEY) as ledger:
        ledger.append(samples(5))
    return tmp_path


def log(*args: str) -> Result:
    """Run it; the value a sub-command returns is its exit code."""
    result = CliRunner().invoke(command, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_a_whole_ledger_verifies(root: Path) -> None:
    """By folder or by file; what the file alone cannot show is said."""
    for path in (root, root / "assurance" / "ledger"):
        result = log("verify", str(path))
        assert result.return_value == 0
        assert "verifies: 5 entries" in result.stdout
        assert f"Signed by: {public_bytes(KEY).hex()}\n" in result.stdout
        assert "--public-key" in result.stdout


def test_this_machines_key_is_recognised(root: Path) -> None:
    """Whoever reads it knows who signed."""
    key = create_key(root / "key.pem")
    with Ledger.open(root / "assurance" / "ledger", key) as ledger:
        ledger.append(samples(1))
    assert "(this machine's key)" in log("verify", str(root)).stdout


def test_a_key_can_be_demanded(root: Path) -> None:
    """The right one holds, another does not."""
    assert log("verify", str(root), "--public-key", public_bytes(KEY).hex()).return_value == 0
    wrong = log("verify", str(root), "--public-key", public_bytes(OTHER_KEY).hex())
    assert wrong.return_value == 1
    assert "No head by an accepted key" in wrong.stderr
    assert wrong.stdout == ""


def test_a_changed_ledger_does_not_verify(root: Path) -> None:
    """The entry is named, on standard error."""
    bundle = root / "assurance" / "ledger" / "tile/entries/000.p/5"
    bundle.write_bytes(bundle.read_bytes().replace(b"3 of 3 models", b"4 of 3 models"))
    result = log("verify", str(root))
    assert result.return_value == 1
    assert "Entry 3 was changed" in result.stderr


def test_a_head_kept_elsewhere_is_compared(root: Path) -> None:
    """What `log head` prints is what `log verify --head` takes."""
    printed = log("head", str(root))
    assert f"Signing key: {public_bytes(KEY).hex()}" in printed.stderr
    (root / "kept").write_bytes(printed.stdout_bytes)
    assert log("verify", str(root), "--head", str(root / "kept")).return_value == 0
    (root / "kept").write_text("something else")
    assert log("verify", str(root), "--head", str(root / "kept")).return_value == 1
    for unreadable in (b"\xff", None):
        (root / "kept").write_bytes(unreadable) if unreadable else (root / "kept").unlink()
        with pytest.raises(AssaymarkError, match="signed head"):
            log("verify", str(root), "--head", str(root / "kept"))


def test_the_newest_entries_are_shown(root: Path) -> None:
    """One a line, oldest first."""
    lines = log("show", str(root), "--last", "2").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "4"]
    assert "weights_load_without_code: 4 of 4 models load without code." in lines[1]


def test_entries_are_shown_as_json(root: Path) -> None:
    """One object a line, the entry as it was hashed."""
    (line,) = log("show", str(root), "--last", "1", "--json").stdout.splitlines()
    shown = json.loads(line)
    assert (shown["index"], len(shown["leaf"]), shown["entry"]["v"]) == (4, 64, 1)


def test_control_characters_are_made_visible(root: Path) -> None:
    """What was found in a tree must not steer the terminal; other kinds of entry are named."""
    hostile = replace(observation(), summary="a\x1b[2Jb\nc")
    with Ledger.open(root / "assurance" / "ledger", KEY) as ledger:
        ledger.append([entry("observation", hostile, time=TIME, system="s", key="k")])
        ledger.append([entry("assessment", {}, time=TIME, system="demo", key="k")])
    lines = log("show", str(root), "--last", "2").stdout.splitlines()
    assert len(lines) == 2
    assert "a\\x1b[2Jb\\nc" in lines[0]
    assert "assessment" in lines[1]


def test_an_empty_ledger_has_no_head(tmp_path: Path) -> None:
    """It verifies as one that nobody signed."""
    Ledger.open(tmp_path / "l.db", KEY).close()
    assert "Signed by: nobody yet" in log("verify", str(tmp_path / "l.db")).stdout
    with pytest.raises(AssaymarkError, match="no head"):
        log("head", str(tmp_path / "l.db"))


def test_each_command_is_described_alike() -> None:
    """In the group's table and in its own help."""
    context = click.Context(command)
    assert isinstance(command, click.Group)
    for name, line in _COMMANDS.items():
        made = command.get_command(context, name)
        assert made is not None
        assert made.get_short_help_str(200) == line


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """With advice."""
    with pytest.raises(AssaymarkError, match="nothing at"):
        log("verify", str(tmp_path / "none"))
