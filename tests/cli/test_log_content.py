"""``assaymark log keep|read|erase|replay-erasures``."""

import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from assaymark._cli.log.erase import command as erase_command
from assaymark._cli.log.keep import command as keep_command
from assaymark._cli.log.read import command as read_command
from assaymark._cli.log.replay_erasures import command as replay_command
from assaymark._cli.places import ledger_path
from assaymark.errors import UsageError
from assaymark.ledger.content import MAX_CONTENT_BYTES
from assaymark.ledger.content_files import ContentGone
from assaymark.ledger.verify import verify

SECRET = b"what somebody asked the assistant " * 9


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system whose ledger lies in its tree."""
    for name in ("ASSAYMARK_STATE_DIR", "ASSAYMARK_CONTENT_DIR", "ASSAYMARK_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "key.pem"))
    (tmp_path / "system" / "assurance").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "system")
    (tmp_path / "prompt.txt").write_bytes(SECRET)
    return tmp_path


def run(command: click.Command, *args: str) -> Result:
    """What the command prints."""
    result = CliRunner().invoke(command, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def below(folder: Path) -> bytes:
    """Bytes of every file below `folder`."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_content_is_kept_read_and_erased(root: Path) -> None:
    """It is never in the tree; after erasing it is nowhere, and the log verifies."""
    assert run(keep_command, "../prompt.txt", "--subject", "Jane Doe").stdout == "0\n"
    salt = run(read_command, "0", "-o", "../out.txt", "--salt").stdout.strip()
    assert len(bytes.fromhex(salt)) == 32
    assert (root / "out.txt").read_bytes() == SECRET
    assert (root / "out.txt").stat().st_mode & 0o777 == 0o600
    told = run(erase_command, "Jane Doe", "--by", "Ann Lee", "--reason", "Request of 3 May.").stdout
    assert told == "Erased 1 key and 1 content.\n"
    with pytest.raises(ContentGone):
        run(read_command, "0", "-o", "../again.txt")
    assert not (root / "again.txt").exists()
    assert verify(ledger_path(Path())).ok
    for folder in (root / "system", root / "state"):
        assert SECRET[:12] not in below(folder)
        assert b"Jane" not in below(folder)
    assert list((root / "system").rglob("content")) == []


def test_what_comes_back_from_a_backup_is_erased_again(root: Path) -> None:
    """With one command; a second time there is nothing to do."""
    run(keep_command, "../prompt.txt", "--subject", "Jane Doe")
    shutil.copytree(root / "state" / "assaymark" / "content", root / "backup")
    run(erase_command, "Jane Doe", "--by", "Ann Lee", "--reason", "Asked.")
    shutil.copytree(root / "backup", root / "state" / "assaymark" / "content", dirs_exist_ok=True)
    assert run(replay_command).stdout == "Erased again: 1 key.\n"
    assert run(replay_command).stdout == "Nothing had come back.\n"


def test_mistakes_are_told(root: Path) -> None:
    """A missing, long or odd file, an output that exists, a path that is no folder."""
    with (root / "long").open("wb") as file:
        file.truncate(MAX_CONTENT_BYTES + 1)
    for name in ("none", "long", "system"):
        with pytest.raises(UsageError):
            run(keep_command, str(root / name), "--subject", "x")
    run(keep_command, "../prompt.txt", "--subject", "x")
    with pytest.raises(UsageError, match="there already"):
        run(read_command, "0", "-o", "../prompt.txt")
    with pytest.raises(UsageError, match="no folder"):
        run(replay_command, "../prompt.txt")
