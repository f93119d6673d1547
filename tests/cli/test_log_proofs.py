"""``assaymark log``: prove, check, receipt, anchor, cosign and witness, on a real ledger."""

import contextlib
import functools
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.ledger.samples import KEY, OTHER_KEY, samples
from tests.ledger.tile_samples import entries, files, write

from assaymark._cli.log import command
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.checkpoint import parse, verifier_key
from assaymark.ledger.cosignature import cosign, witness_key
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import create_key, load_key, public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.note import read
from assaymark.ledger.published import add_signatures

HEX = public_bytes(KEY).hex()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with a ledger of 300 entries."""
    monkeypatch.delenv("ASSAYMARK_STATE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ASSAYMARK_KEY", str(tmp_path / "keys" / "key.pem"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assurance").mkdir()
    grow(tmp_path, 300)
    return tmp_path


def grow(root: Path, count: int) -> None:
    """Record further entries."""
    with Ledger.open(root / "assurance" / "ledger", KEY) as ledger:
        ledger.append(samples(count, len(ledger)))


def cut(root: Path, size: int) -> None:
    """Cut the end off so that the log is whole by itself: same name, same key, fewer entries."""
    origin = parse(log("head").stdout).origin
    data = [encode(s) for s in samples(size)]
    folder = root / "assurance" / "ledger"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    write(folder, files(data, KEY, origin))


def log(*args: object) -> Result:
    """Run it; the value a sub-command returns is its exit code."""
    result = CliRunner().invoke(command, [*map(str, args)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def vkey() -> str:
    """The log's key as `log head` prints it."""
    (line,) = [x for x in log("head").stderr.splitlines() if x.startswith("Verifier key: ")]
    return line.removeprefix("Verifier key: ")


def test_the_head_comes_with_the_key_in_both_forms(root: Path) -> None:
    """One for us, one for other verifiers of signed notes."""
    result = log("head", root)
    assert f"Signing key: {HEX}\n" in result.stderr
    assert vkey() == verifier_key(parse(result.stdout).origin, public_bytes(KEY))


def test_an_entry_is_proved_and_checked_elsewhere(root: Path) -> None:
    """By number or by leaf hash; the receipt needs the log no more."""
    key = vkey()
    log("prove", root, "--entry", 7, "-o", "receipt")
    with Ledger.open(root / "assurance" / "ledger") as ledger:
        (leaf,) = [r.leaf for r in ledger.entries() if r.index == 7]
    assert log("prove", "--leaf", leaf).stdout == (root / "receipt").read_text()
    (root / "entry").write_bytes(encode(samples(1, 7)[0]))
    (root / "assurance").rename(root / "gone")
    for option in (("--vkey", key), ("--public-key", HEX)):
        assert "recorded it as entry 7" in log("check", "receipt", "--entry", "entry", *option).stdout


def test_another_entry_does_not_pass(root: Path) -> None:
    """Exit code 14: something does not verify."""
    log("prove", "--entry", 7, "-o", "receipt")
    (root / "entry").write_bytes(encode(samples(1, 8)[0]))
    with pytest.raises(AssaymarkError, match="not what the log recorded") as raised:
        log("check", "receipt", "--entry", "entry", "--public-key", HEX)
    assert raised.value.exit_code == 14
    (root / "entry").write_bytes(b"x" * 70_000)
    with pytest.raises(UsageError, match="longer than"):
        log("check", "receipt", "--entry", "entry", "--public-key", HEX)


def test_growth_is_proved_and_checked_elsewhere(root: Path) -> None:
    """From a head kept long ago to the newest."""
    (root / "old").write_text(log("head").stdout)
    grow(root, 400)
    log("prove", "--consistent-with", "old", "-o", "proof")
    assert "from 300 to 700 entries" in log("check", "proof", "--head", "old", "--vkey", vkey()).stdout
    (root / "new").write_text(log("head").stdout)
    with pytest.raises(AssaymarkError, match="does not lead") as raised:
        log("check", "proof", "--head", "new", "--vkey", vkey())
    assert raised.value.exit_code == 14
    with pytest.raises(AssaymarkError, match="no signature by the key"):
        log("check", "proof", "--head", "old", "--public-key", public_bytes(OTHER_KEY).hex())
    with pytest.raises(AssaymarkError, match="not of the log"):
        log("check", "proof", "--head", "old", "--vkey", verifier_key("elsewhere", public_bytes(KEY)))
    (root / "proof").write_text("nothing")
    with pytest.raises(AssaymarkError, match="proves nothing"):
        log("check", "proof", "--head", "old", "--vkey", vkey())


def test_entries_are_handed_over_with_receipts(root: Path) -> None:
    """Two files each."""
    key = vkey()
    assert "Wrote 3 entries" in log("receipt", "--last", 3, "-o", "given").stderr
    log("receipt", "--entry", 0, "-o", "given")
    assert sorted(p.name for p in (root / "given").iterdir())[:3] == [
        "000000.entry",
        "000000.tlog-proof",
        "000297.entry",
    ]
    for number in (0, 297, 298, 299):
        stem = root / "given" / f"{number:06}"
        assert log("check", f"{stem}.tlog-proof", "--entry", f"{stem}.entry", "--vkey", key).exit_code == 0
    assert log("check", "given", "--vkey", key).stdout == "4 receipts hold.\n"
    (root / "given" / "000298.entry").write_bytes(b"other")
    with pytest.raises(AssaymarkError, match=r"000298.tlog-proof: These bytes are not"):
        log("check", "given", "--vkey", key)
    with pytest.raises(UsageError, match="no receipts"):
        log("check", root, "--vkey", key)


@pytest.mark.parametrize(
    "args",
    [
        ("prove",),
        ("prove", "--entry", "1", "--leaf", "00"),
        ("prove", "--leaf", "00"),
        ("prove", "--leaf", "no digits"),
        ("prove", "none", "--entry", "1"),
        ("check", "x"),
        ("check", "x", "--entry", "x"),
        ("check", "x", "--entry", "x", "--public-key", HEX, "--vkey", "x"),
        ("check", "x", "--entry", "x", "--vkey", "x"),
        ("check", "none", "--entry", "x", "--public-key", HEX),
        ("anchor",),
        ("anchor", "--git", "x", "--timestamp", "http://x"),
        ("cosign", "--witness-key", "x"),
        ("witness", "--state", "x"),
        ("witness", ".", "--state", "x", "--serve", "localhost:1"),
        ("witness", "--state", "x", "--serve", "localhost"),
        ("witness", "--state", "x", "--serve", "localhost:99999"),
        ("witness", ".", "--state", "x", "--name", "a b"),
        ("verify", "--vkey", "x"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(root: Path, args: tuple[str, ...]) -> None:
    """With advice."""
    with pytest.raises(UsageError) as raised:
        log(*args)
    assert raised.value.advice


def test_an_entry_that_is_not_there_cannot_be_proved(root: Path) -> None:
    """By number or by leaf hash."""
    for option in (("--entry", 300), ("--leaf", "00" * 32)):
        with pytest.raises(AssaymarkError, match=r"[Nn]o entry"):
            log("prove", *option)


def test_a_head_in_a_file_shows_a_cut_tail(root: Path) -> None:
    """The ledger verifies by itself; the head that somebody kept shows the rest, and is not overwritten."""
    log("anchor", "--file", "kept")
    grow(root, 5)
    log("anchor", "--file", "kept")
    assert log("verify", "--head", "kept").return_value == 0
    cut(root, 299)
    with pytest.raises(AssaymarkError, match="its end was cut off") as raised:
        log("anchor", "assurance/ledger", "--file", "kept")
    assert raised.value.exit_code == 14
    assert parse((root / "kept").read_text()).size == 305


def test_a_changed_past_is_not_anchored_over(root: Path) -> None:
    """Nor is a file that is something else."""
    log("anchor", "--file", "kept")
    origin = parse((root / "kept").read_text()).origin
    other = write(root / "other", files(entries(400), KEY, origin))
    with pytest.raises(AssaymarkError, match="over as many, the log now has"):
        log("anchor", other, "--file", "kept")
    (root / "kept").write_text("my diary")
    with pytest.raises(UsageError, match="something else"):
        log("anchor", "--file", "kept")
    assert (root / "kept").read_text() == "my diary"


def test_a_head_travels_by_mail_and_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is taken back by `log verify --head`."""
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "Keeper")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "keeper@example.org")
    subprocess.run(["git", "init", "-q", "repository"], check=True)
    log("anchor", "--mail", "head.eml", "--to", "auditor@example.org", "--git", "repository")
    grow(root, 5)
    log("anchor", "--git", "repository")
    assert log("verify", "--head", "head.eml", "--head", "repository").return_value == 0
    other = write(root / "other", files(entries(400), OTHER_KEY, "elsewhere"))
    log("anchor", other, "--git", "repository")
    log("anchor", "--git", "repository")
    cut(root, 250)
    with pytest.raises(AssaymarkError, match="its end was cut off"):
        log("anchor", "--git", "repository")


def test_a_witness_sees_a_log_grow_and_refuses_a_cut_one(root: Path) -> None:
    """Its cosignature goes into the log, which stays readable by its writer and verifies."""
    key = vkey()
    seen = log("witness", root, "--vkey", key, "--state", "w", "--name", "w.example/1", "-o", "cosigned")
    witness = seen.stderr.splitlines()[0].removeprefix("Witness key: ")
    stranger = witness_key("x.example/1", public_bytes(OTHER_KEY)).text()
    with pytest.raises(UsageError, match="no cosignature"):
        log("cosign", "--note", "cosigned", "--witness-key", stranger)
    log("cosign", "--note", "cosigned", "--witness-key", witness)
    assert len(read(log("head").stdout).signatures) == 2
    assert "Cosigned by w.example/1 at 20" in log("verify", "--witness-key", witness).stdout
    log("receipt", "--last", 1, "-o", "given")
    stem = "given/000299"
    log("check", f"{stem}.tlog-proof", "--entry", f"{stem}.entry", "--vkey", key, "--witness-key", witness)
    grow(root, 100)
    assert log("verify").return_value == 0
    missing = log("verify", "--witness-key", witness)
    assert (missing.return_value, "not cosigned by the witness" in missing.stderr) == (1, True)
    with pytest.raises(UsageError, match="not the newest head"):
        log("cosign", "--note", "cosigned", "--witness-key", witness)
    log("witness", root, "--vkey", key, "--state", "w", "--name", "w.example/1")
    cut(root, 299)
    with pytest.raises(AssaymarkError, match=r"was cut off: it had 400 .* now has 299") as raised:
        log("witness", "assurance/ledger", "--vkey", key, "--state", "w", "--name", "w.example/1")
    assert raised.value.exit_code == 14


def test_keys_of_logs_and_of_witnesses_are_told_apart(root: Path) -> None:
    """One in the place of the other is refused."""
    with pytest.raises(UsageError, match="that of a log, not of a witness"):
        log("verify", "--witness-key", vkey())


def test_entries_that_wait_for_a_head_are_counted(root: Path) -> None:
    """They are acknowledged and intact, and nobody signed for them yet."""
    with Ledger.open(root / "assurance" / "ledger", KEY) as ledger:
        ledger.publish()
        ledger.append(samples(2))
        assert "Behind them: 2 entries" in log("verify", root).stdout


def test_growth_needs_a_head_of_this_log(root: Path) -> None:
    """Another log's, or no head at all, proves nothing."""
    for text in ("no head", files(entries(3), OTHER_KEY, "elsewhere")["checkpoint"].decode()):
        (root / "kept").write_text(text)
        with pytest.raises(UsageError, match="holds no head of"):
            log("prove", "--consistent-with", "kept")


def test_an_empty_ledger_has_nothing_to_prove(tmp_path: Path) -> None:
    """It says so."""
    Ledger.open(tmp_path / "ledger", KEY).close()
    with pytest.raises(AssaymarkError, match="empty"):
        log("prove", tmp_path / "ledger", "--entry", 0)


def test_growth_from_nothing_holds(root: Path) -> None:
    """A log that was empty when its head was kept."""
    empty = write(root / "empty", {"checkpoint": files([])["checkpoint"]})
    (root / "proof").write_bytes(b"old 0\n\n" + files(entries(3))["checkpoint"])
    told = log("check", "proof", "--head", empty / "checkpoint", "--public-key", HEX).stdout
    assert "from 0 to 3 entries" in told
    (root / "proof").write_bytes(b"\xff")
    with pytest.raises(AssaymarkError, match="proves nothing"):
        log("check", "proof", "--head", empty / "checkpoint", "--public-key", HEX)
    with pytest.raises(AssaymarkError, match="no text"):
        log("check", "proof", "--entry", "proof", "--public-key", HEX)


def test_what_a_witness_did_not_write_is_refused(root: Path) -> None:
    """A note that is none, and a witness without a key."""
    witness = witness_key("w.example/1", public_bytes(OTHER_KEY)).text()
    (root / "note").write_text("no head")
    with pytest.raises(UsageError, match="no signed head"):
        log("cosign", "--note", "note", "--witness-key", witness)
    for args in ((), ("--witness", "http://a", "--witness", "http://b")):
        with pytest.raises(UsageError, match="with its key"):
            log("cosign", *args, "--witness-key", witness)


def test_a_cosignature_comes_too_late_for_a_log_that_grew(root: Path) -> None:
    """Nothing is written over the newer head."""
    note = log("head").stdout
    signature = cosign(parse(note), "w.example/1", OTHER_KEY, 2**62)
    grow(root, 1)
    with pytest.raises(AssaymarkError, match="grew meanwhile"):
        add_signatures(root / "assurance" / "ledger", note, (signature,))
    newer = log("head").stdout
    late = cosign(parse(newer), "w.example/1", OTHER_KEY, 2**62)
    add_signatures(root / "assurance" / "ledger", newer, (late,))
    witness = witness_key("w.example/1", public_bytes(OTHER_KEY)).text()
    assert f"Cosigned by w.example/1 at second {2**62}." in log("verify", "--witness-key", witness).stdout
    (root / "assurance" / "ledger" / "checkpoint").write_text("x")
    with pytest.raises(AssaymarkError, match="grew meanwhile"):
        add_signatures(root / "assurance" / "ledger", newer, (late,))


def test_a_ledger_of_version_1_takes_no_cosignatures(tmp_path: Path) -> None:
    """It is converted by the next run; proofs of it are made all the same."""
    path = tmp_path / "ledger.db"
    published = Path(__file__).parents[1] / "ledger" / "published" / "v1.sql"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(published.read_text(encoding="utf-8"))
    note = log("head", path).stdout
    assert log("prove", path, "--entry", 0).stdout.endswith(note)
    with pytest.raises(AssaymarkError, match="version 1"):
        add_signatures(path, note, ())


def test_a_ledger_whose_tiles_lie_in_a_store_is_proved_and_cosigned(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head in the store gets the cosignature."""
    monkeypatch.setenv("ASSAYMARK_LEDGER_TILES", f"file://{root}/store")
    with Ledger.open(root / "remote", KEY) as ledger:
        ledger.append(samples(300))
    key = verifier_key(ledger.origin, public_bytes(KEY))
    log("witness", "remote", "--vkey", key, "--state", "w", "--name", "w.example/1", "-o", "cosigned")
    witness = witness_key("w.example/1", public_bytes(load_key(root / "keys" / "witness.pem"))).text()
    log("cosign", "remote", "--note", "cosigned", "--witness-key", witness)
    assert len(read((root / "store" / "checkpoint").read_text()).signatures) == 2
    log("receipt", "remote", "--entry", 7, "-o", "given")
    log("check", "given/000007.tlog-proof", "--entry", "given/000007.entry", "--vkey", key)
    assert log("verify", "remote", "--witness-key", witness).return_value == 0


def test_a_name_can_be_demanded(root: Path) -> None:
    """The same key may sign another log."""
    assert log("verify", "--vkey", vkey()).return_value == 0
    wrong = log("verify", "--vkey", verifier_key("elsewhere", public_bytes(KEY)))
    assert (wrong.return_value, "not elsewhere" in wrong.stderr) == (1, True)


def test_a_witness_answers_over_http(root: Path) -> None:
    """As another process, for whoever submits; ended, it leaves its memory behind."""
    create_key(root / "keys" / "witness.pem")
    start = "import sys; from assaymark._cli.log import command; command(sys.argv[1:])"
    options = ["witness", "--vkey", vkey(), "--state", "w", "--serve", "127.0.0.1:0"]
    with subprocess.Popen(
        [sys.executable, "-c", start, *options], stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            witness = server.stderr.readline().strip().removeprefix("Witness key: ")
            url = server.stderr.readline().strip().removeprefix("Listening: ").removesuffix("add-checkpoint")
            log("cosign", "--witness", url, "--witness-key", witness)
            grow(root, 5)
            assert "305 entries" in log("cosign", "--witness", url, "--witness-key", witness).stderr
            assert log("verify", "--witness-key", witness).return_value == 0
            server.send_signal(signal.SIGINT)
            assert server.communicate(timeout=20)[1] == "Stopped.\n"
            assert server.returncode == 0
        finally:
            server.kill()
    assert len(list((root / "w").glob("*.checkpoint"))) == 1


@pytest.fixture
def published(root: Path) -> Iterator[str]:
    """The ledger's folder, served by a web server of Python's own."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    handler = functools.partial(Quiet, directory=str(root / "assurance" / "ledger"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_published_log_is_read_by_url(root: Path, published: str) -> None:
    """Proofs and witnesses need no access to the machine."""
    assert log("prove", published, "--entry", 3).stdout == log("prove", root, "--entry", 3).stdout
    log("witness", published, "--vkey", vkey(), "--state", "w")
    whole = log("verify", published, "--vkey", vkey())
    assert "verifies: 300 entries" in whole.stdout, whole.stderr
    assert log("verify", published, "--public-key", public_bytes(OTHER_KEY).hex()).return_value == 1
    with pytest.raises(UsageError, match="must be said"):
        log("verify", published)
    with pytest.raises(AssaymarkError, match=r"file checkpoint cannot be read"):
        log("prove", f"{published}/none", "--entry", 3)
