"""Heads handed to somebody else, and read back from wherever they were kept."""

import email
import email.policy
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.ledger.samples import KEY, OTHER_KEY, samples
from tests.ledger.tile_samples import ORIGIN, entries, files, write

from assaymark._cli.log import command
from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.anchor_git import commit_head, heads_in_repository, heads_of
from assaymark.ledger.anchor_mail import notes_in_mail, render_mail
from assaymark.ledger.anchor_timestamp import BadTimeStampError, parse_authorities, stamped, verified_time
from assaymark.ledger.entry import encode
from assaymark.ledger.held import Held, read_held
from assaymark.ledger.keys import public_bytes

NOTES = {size: files(entries(size))["checkpoint"].decode() for size in (1, 300)}
NOTE = NOTES[300]
WHEN = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    """As `log head` prints it; what is no head is left for the verifier to refuse."""
    (tmp_path / "kept").write_text(NOTE)
    assert read_held(tmp_path / "kept") == (Held(NOTE),)
    (tmp_path / "kept").write_text("something else")
    assert read_held(tmp_path / "kept") == (Held("something else"),)


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Bytes that are no text, a folder that is no repository, or nothing at all."""
    (tmp_path / "kept").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "kept", tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError):
            read_held(path)


def test_an_email_carries_the_head(tmp_path: Path) -> None:
    """A message of 7-bit lines with everything a reader needs, from which the head comes back exactly."""
    mail = render_mail(NOTE, WHEN, sender="us@example.org", to="them@example.org")
    assert mail == render_mail(NOTE, WHEN, sender="us@example.org", to="them@example.org")
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(mail, policy=email.policy.default)
    assert (message["To"], message["Date"]) == ("them@example.org", "Fri, 27 Nov 2026 12:00:00 +0000")
    assert "300 entries" in message["Subject"]
    (tmp_path / "kept.eml").write_bytes(mail)
    assert read_held(tmp_path / "kept.eml") == (Held(NOTE),)
    assert b"To:" not in render_mail(NOTE, WHEN)


def test_a_forwarded_email_and_a_pasted_head_are_read() -> None:
    """Within another message, or as the text of one."""
    inner = email.message_from_bytes(render_mail(NOTE, WHEN))
    outer = email.message.EmailMessage()
    outer.set_content("See below.")
    outer.add_attachment(inner)
    assert notes_in_mail(outer.as_bytes()) == (NOTE,)
    pasted = email.message.EmailMessage()
    pasted["Subject"] = "head"
    pasted.set_content(NOTE)
    assert notes_in_mail(pasted.as_bytes()) == (NOTE,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 5_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 3_000,
        b"Content-Type: text/plain; charset=nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"x" * 5_000_000,
    ],
)
def test_a_hostile_email_holds_no_head(data: bytes) -> None:
    """It is bounded, and never a crash."""
    assert notes_in_mail(data) == ()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Git repository of somebody with a name."""
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "Keeper")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "keeper@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    place = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    return place


def committed(repository: Path) -> list[str]:
    """Subjects of its commits, newest first."""
    done = subprocess.run(
        ["git", "-C", str(repository), "log", "--format=%s"], check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()


def test_heads_are_committed_and_read_from_the_commits(repository: Path) -> None:
    """One file each; what else waits there is not committed, and the working tree is not believed."""
    (repository / "other").write_text("unfinished")
    subprocess.run(["git", "-C", str(repository), "add", "other"], check=True)
    names = [commit_head(repository, NOTES[size]) for size in (300, 1, 300)]
    assert names[0] == Path("assaymark-heads", ORIGIN.replace("/", "-"), "300.checkpoint")
    assert committed(repository) == [f"Head of the log {ORIGIN}: {n}" for n in ("1 entries", "300 entries")]
    (repository / names[0]).write_text("changed")
    assert read_held(repository) == (Held(NOTES[1]), Held(NOTES[300]))
    bare = repository.with_name("bare")
    subprocess.run(["git", "clone", "-q", "--bare", str(repository), str(bare)], check=True)
    assert heads_in_repository(bare) == (NOTES[1], NOTES[300])


def test_another_head_of_that_size_is_not_written_over(repository: Path) -> None:
    """It is evidence."""
    commit_head(repository, NOTE)
    other = files([b"x", *entries(299)])["checkpoint"].decode()
    with pytest.raises(AssaymarkError, match="another head of this log with 300"):
        commit_head(repository, other)
    (repository / "assaymark-heads" / ORIGIN.replace("/", "-") / "1.checkpoint").write_bytes(b"\xff")
    with pytest.raises(AssaymarkError, match="something else than this head"):
        commit_head(repository, NOTES[1])
    assert heads_in_repository(repository) == (NOTE,)


def test_a_repository_that_cannot_be_used_is_an_error(repository: Path, tmp_path: Path) -> None:
    """None at all, without heads, with a link in the way, or one where Git refuses."""
    with pytest.raises(AssaymarkError, match="no Git repository"):
        commit_head(tmp_path, NOTE)
    with pytest.raises(AssaymarkError, match="Git refuses"):
        heads_in_repository(repository)
    subprocess.run(["git", "-C", str(repository), "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    with pytest.raises(AssaymarkError, match="No heads of logs"):
        heads_in_repository(repository)
    (repository / "assaymark-heads").symlink_to(tmp_path)
    with pytest.raises(AssaymarkError, match="is a link"):
        commit_head(repository, NOTE)
    (repository / "assaymark-heads").unlink()
    name = commit_head(repository, NOTES[1])
    (repository / name).with_name("300.checkpoint").symlink_to(repository / ".git" / "config")
    with pytest.raises(AssaymarkError, match="is a link"):
        commit_head(repository, NOTE)


def test_other_things_among_the_heads_are_kept_apart(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file there that is no head is given to the verifier, who refuses it; without git there is advice."""
    name = commit_head(repository, NOTE)
    (repository / name).with_name("x.checkpoint").write_text("no head")
    subprocess.run(["git", "-C", str(repository), "add", "."], check=True)
    subprocess.run(["git", "-C", str(repository), "commit", "-q", "-m", "x"], check=True)
    assert heads_in_repository(repository) == ("no head", NOTE)
    assert heads_of(repository, ORIGIN) == (NOTE,)
    with pytest.raises(AssaymarkError, match="no Git repository"):
        heads_of(repository / name.parent, ORIGIN)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AssaymarkError, match="Git cannot be used"):
        heads_in_repository(repository)


def test_a_repository_with_absurdly_many_heads_is_not_read(repository: Path) -> None:
    """A thousand are compared; whoever put more there is asked which is meant."""
    folder = repository / "assaymark-heads" / "x"
    folder.mkdir(parents=True)
    for number in range(1_001):
        (folder / f"{number}.checkpoint").write_text("x")
    subprocess.run(["git", "-C", str(repository), "add", "."], check=True)
    subprocess.run(["git", "-C", str(repository), "commit", "-q", "-m", "x"], check=True)
    with pytest.raises(AssaymarkError, match="1,001 heads"):
        heads_in_repository(repository)


def test_the_hooks_of_a_repository_do_not_run(repository: Path) -> None:
    """Handing over a head runs nobody's program."""
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    commit_head(repository, NOTE)
    assert len(committed(repository)) == 1


AUTHORITY = """
[ tsa ]
default_tsa = tsa1
[ tsa1 ]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ req ]
distinguished_name = dn
[ dn ]
[ tsa_ext ]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ ca_ext ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a time-stamp authority, made by OpenSSL."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which plays the time-stamp authority, is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(AUTHORITY.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"
    for arguments in (
        f"{new} -x509 -days 3650 -subj /CN=root -extensions ca_ext -keyout ca.key -out ca.pem",
        f"{new} -subj /CN=tsa -keyout tsa.key -out tsa.csr",
        (
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650"
            " -extfile tsa.cnf -extensions tsa_ext -out tsa.pem"
        ),
    ):
        subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def stamping(authority: Path) -> Iterator[str]:
    """Its address, on a real socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (authority / "query").write_bytes(query)
            reply = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query"]
            done = subprocess.run(reply, cwd=authority, capture_output=True, check=False)
            old = authority / "old"
            other = old.read_bytes() if self.path == "/old" else b"no time-stamp"
            body = done.stdout if self.path == "/" else other
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_head_is_time_stamped(stamping: str, authority: Path, tmp_path: Path) -> None:
    """By a real authority; the stamp holds for this head, chains to its root, and says when."""
    token = stamped(stamping, NOTE.encode())
    roots = parse_authorities((authority / "ca.pem").read_bytes(), "ca.pem")
    assert abs((verified_time(token, NOTE.encode(), roots) - datetime.now(UTC)).total_seconds()) < 600
    (tmp_path / "kept").write_text(NOTE)
    (tmp_path / "kept.tsr").write_bytes(token)
    (held,) = read_held(tmp_path / "kept", roots)
    assert (held.note, held.time is not None, held.unchecked) == (NOTE, True, False)
    assert read_held(tmp_path / "kept") == (Held(NOTE, unchecked=True),)


def test_the_command_stamps_and_checks(stamping: str, authority: Path, tmp_path: Path) -> None:
    """`log anchor --timestamp` writes both files, `log verify` takes them back and says when."""
    log = write(tmp_path / "log", files([encode(s) for s in samples(9)]))
    kept, key = str(tmp_path / "kept"), public_bytes(KEY).hex()

    def run(*args: str) -> Result:
        return CliRunner().invoke(command, args, standalone_mode=False, catch_exceptions=False)

    run("anchor", str(log), "--file", kept, "--timestamp", stamping)
    verify = ("verify", str(log), "--public-key", key, "--head", kept)
    done = run(*verify, "--timestamp-ca", str(authority / "ca.pem"))
    assert (done.return_value, f"Time-stamped: {kept} existed at 20" in done.stdout) == (0, True)
    assert "was not checked" in run(*verify).stdout
    run("anchor", str(log), "--file", kept)
    with pytest.raises(BadTimeStampError, match="no time-stamp at"):
        run(*verify, "--timestamp-ca", str(authority / "ca.pem"))


def test_a_time_stamp_that_does_not_hold_is_refused(stamping: str, authority: Path, tmp_path: Path) -> None:
    """Over another head, by another authority, damaged, or missing."""
    token = stamped(stamping, NOTE.encode())
    roots = parse_authorities((authority / "ca.pem").read_bytes(), "ca.pem")
    for wrong, data, trusted in (
        (token, NOTES[1].encode(), roots),
        (token[:-20], NOTE.encode(), roots),
        (b"", NOTE.encode(), roots),
        (token.replace(b"\x30", b"\x31"), NOTE.encode(), roots),
    ):
        with pytest.raises(BadTimeStampError):
            verified_time(wrong, data, trusted)
    (tmp_path / "kept").write_text(NOTE)
    with pytest.raises(BadTimeStampError, match="no time-stamp at"):
        read_held(tmp_path / "kept", roots)


def test_an_authority_has_to_answer_this_very_request(stamping: str, authority: Path) -> None:
    """An old answer, or a refusal, is no time-stamp."""
    stamped(stamping, NOTE.encode())
    reply = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query"]
    done = subprocess.run(reply, cwd=authority, capture_output=True, check=True)
    (authority / "old").write_bytes(done.stdout)
    with pytest.raises(BadTimeStampError, match="gave no time-stamp for this request"):
        stamped(f"{stamping}old", NOTE.encode())


def test_an_authority_that_answers_something_else_is_refused(stamping: str) -> None:
    """Nothing is kept that is no time-stamp."""
    with pytest.raises(BadTimeStampError):
        stamped(f"{stamping}other", NOTE.encode())


def test_what_is_no_certificate_is_an_error() -> None:
    """With advice."""
    with pytest.raises(UsageError, match="no certificates"):
        parse_authorities(b"hello", "ca.pem")


def test_a_stranger_cannot_stamp_for_the_authority(stamping: str, authority: Path, tmp_path: Path) -> None:
    """Another root does not do."""
    config = ["-config", str(authority / "tsa.cnf"), "-extensions", "ca_ext", "-subj", "/CN=root"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "x.key"]
    subprocess.run(
        ["openssl", "req", "-x509", *config, *key, "-out", "x.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    other = parse_authorities((tmp_path / "x.pem").read_bytes(), "x.pem")
    with pytest.raises(BadTimeStampError, match="does not hold"):
        verified_time(stamped(stamping, NOTE.encode()), NOTE.encode(), other)


def test_heads_of_other_logs_are_read_too(tmp_path: Path) -> None:
    """Whose head it is, is for the verifier to say."""
    foreign = files(entries(3), OTHER_KEY, "elsewhere")["checkpoint"].decode()
    (tmp_path / "kept").write_text(foreign)
    assert read_held(tmp_path / "kept") == (Held(foreign),)
