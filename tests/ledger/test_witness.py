"""A witness cosigns what extends what it saw, and nothing else."""

import contextlib
import struct
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, create_connection
from typing import ClassVar

import pytest
from tests.ledger.samples import KEY, OTHER_KEY
from tests.ledger.tile_samples import ORIGIN, Memory, entries, files, write

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.checkpoint import Checkpoint, parse, sign
from assaymark.ledger.cosignature import cosigned_at, witness_key
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.merkle import EMPTY_ROOT, leaf_hash, root
from assaymark.ledger.note import ED25519, VerifierKey, with_signatures
from assaymark.ledger.prover import ContradictionError, Prover
from assaymark.ledger.readers import FolderReader
from assaymark.ledger.witness import RefusedHeadError, Witness
from assaymark.ledger.witness_client import RefusedByWitnessError, submit
from assaymark.ledger.witness_protocol import InvalidRequestError, Request, parse_request, render_request
from assaymark.ledger.witness_server import WitnessServer

LOG = VerifierKey(ORIGIN, ED25519, public_bytes(KEY))
NAME = "witness.example/w1"
NOW = 1_800_000_000
DATA = entries(700)
FORK = [*entries(299), b"other", *entries(400, 300)]
LOGS = {size: files(DATA[:size]) for size in (1, 300, 520, 700)}


def witness(folder: Path, **changed: object) -> Witness:
    """One that trusts the sample log."""
    given = {"name": NAME, "key": OTHER_KEY, "logs": [LOG]} | changed
    return Witness(folder / "state", **given)


def note(size: int) -> str:
    """The head over that many entries."""
    return LOGS[size]["checkpoint"].decode()


def test_a_log_that_grows_is_cosigned(tmp_path: Path) -> None:
    """Each time, from the files alone; the cosignature verifies, and the state survives the process."""
    for number, size in enumerate((1, 300, 300, 700)):
        seen, signature = witness(tmp_path).visit(Memory(LOGS[size]), NOW + number)
        assert cosigned_at(with_signatures(seen, (signature,)), witness(tmp_path).key) == NOW + number
    assert witness(tmp_path).last(ORIGIN) == parse(note(700))
    assert witness(tmp_path).last("another") is None


def test_an_omitted_tail_is_refused(tmp_path: Path) -> None:
    """With both sizes and both roots, although the shorter log is whole by itself."""
    witness(tmp_path).visit(Memory(LOGS[700]), NOW)
    with pytest.raises(RefusedHeadError, match="was cut off: it had 700") as raised:
        witness(tmp_path).visit(Memory(LOGS[300]), NOW)
    assert parse(note(700)).root.hex() in raised.value.message
    assert parse(note(300)).root.hex() in raised.value.message
    assert witness(tmp_path).last(ORIGIN) == parse(note(700))


@pytest.mark.parametrize("size", [300, 520, 699])
def test_a_fork_is_refused(tmp_path: Path, size: int) -> None:
    """A log that says something else about the past, properly signed, at the same size or a later one."""
    witness(tmp_path).visit(Memory(LOGS[300]), NOW)
    with pytest.raises(RefusedHeadError, match="over the first 300 entries") as raised:
        witness(tmp_path).visit(Memory(files(FORK[:size])), NOW)
    assert root([leaf_hash(d) for d in FORK[:300]]).hex() in raised.value.message


def test_tiles_that_hide_a_fork_are_refused(tmp_path: Path) -> None:
    """Old leaves below a new root: each root can be computed, but no proof leads from one to the other."""
    witness(tmp_path).visit(Memory(LOGS[300]), NOW)
    changed = files([*DATA[:260], b"changed", *DATA[261:520]])
    mixed = changed | {"tile/0/001": LOGS[520]["tile/0/001"]}
    with pytest.raises(ContradictionError, match="no way from 300 to 520"):
        witness(tmp_path).visit(Memory(mixed), NOW)


def test_a_log_that_is_not_trusted_is_refused(tmp_path: Path) -> None:
    """By name or by key."""
    with pytest.raises(RefusedHeadError, match="not among") as raised:
        witness(tmp_path, logs=[]).visit(Memory(LOGS[1]), NOW)
    assert raised.value.status == 404
    with pytest.raises(RefusedHeadError, match="no signature by a key") as raised:
        witness(tmp_path).visit(Memory(files(DATA[:1], OTHER_KEY)), NOW)
    assert raised.value.status == 403


@pytest.mark.parametrize("change", [lambda d: d.replace(b"300", b"299"), lambda d: b"\xff", lambda d: b""])
def test_a_memory_that_was_changed_is_not_believed(tmp_path: Path, change: object) -> None:
    """The witness signed its own memory; nothing is cosigned on a changed one."""
    witness(tmp_path).visit(Memory(LOGS[300]), NOW)
    (stored,) = (tmp_path / "state").glob("*.checkpoint")
    stored.write_bytes(change(stored.read_bytes()))
    with pytest.raises(AssaymarkError, match="was changed"):
        witness(tmp_path).visit(Memory(LOGS[700]), NOW)
    with pytest.raises(AssaymarkError, match="another key or name"):
        witness(tmp_path, name="other").visit(Memory(LOGS[700]), NOW)


def test_a_memory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """With advice, and without a cosignature."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(AssaymarkError, match="cannot be used"):
        witness(tmp_path).visit(Memory(LOGS[1]), NOW)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WitnessServer]:
    """A witness on a real socket."""
    with WitnessServer(("127.0.0.1", 0), witness(tmp_path)) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def asked(server: WitnessServer, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
    """Status, type and text of the answer."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request("POST", path, body)
    response = connection.getresponse()
    found = response.status, response.headers["Content-Type"], response.read().decode()
    connection.close()
    return found


def submitted(server: WitnessServer, size: int, old: int, proof: tuple[bytes, ...] | None = None) -> int:
    """Status for a head with a proof, by default the right one."""
    if proof is None:
        proof = Prover(Memory(LOGS[size]), size).consistency(old) if old < size else ()
    return asked(server, render_request(Request(old, proof, note(size))))[0]


def test_every_answer_of_the_protocol_is_given(server: WitnessServer) -> None:
    """200, 400, 403, 404, 409 and 422, each for its reason."""
    assert submitted(server, 300, 1) == 409
    assert submitted(server, 300, 0, (bytes(32),)) == 422
    assert submitted(server, 300, 0) == 200
    assert submitted(server, 300, 300) == 200
    assert submitted(server, 700, 300, (bytes(32),)) == 422
    assert submitted(server, 700, 300) == 200
    assert submitted(server, 300, 700) == 400
    assert asked(server, render_request(Request(0, (), note(700)))) == (409, "text/x.tlog.size", "700\n")
    fork = files([*FORK[:699], b"x"])["checkpoint"].decode()
    assert asked(server, render_request(Request(700, (), fork)))[0] == 409
    assert (
        asked(server, render_request(Request(0, (), files(DATA[:1], OTHER_KEY)["checkpoint"].decode())))[0]
        == 403
    )
    other = files(DATA[:1], origin="elsewhere")["checkpoint"].decode()
    assert asked(server, render_request(Request(0, (), other)))[0] == 404
    assert asked(server, b"", "/other")[0] == 404


def test_the_empty_log_has_one_root(server: WitnessServer) -> None:
    """Whatever else a head over nothing says is refused."""
    wrong, right = (sign(Checkpoint(ORIGIN, 0, top), KEY) for top in (bytes(32), EMPTY_ROOT))
    assert asked(server, render_request(Request(0, (), wrong)))[0] == 422
    assert asked(server, render_request(Request(0, (), right)))[0] == 200
    assert submitted(server, 1, 0) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"old 0\n",
        b"old 00\n\n" + note(1).encode(),
        b"old -1\n\n" + note(1).encode(),
        b"new 0\n\n" + note(1).encode(),
        b"old 0\nAAAA\n\n" + note(1).encode(),
        b"old 0\n!\n\n" + note(1).encode(),
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + note(1).encode(),
        b"old 0\n\nno note",
    ],
)
def test_a_malformed_request_is_answered_with_400(server: WitnessServer, body: bytes) -> None:
    """Never a crash, never a cosignature."""
    assert asked(server, body)[0] == 400


def test_requests_without_bounds_are_refused(server: WitnessServer) -> None:
    """Without a length, with an absurd one, or with another method."""
    for head, status in (
        ("POST /add-checkpoint HTTP/1.1\r\nHost: x", b"411"),
        ("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999", b"413"),
        ("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -1", b"413"),
        ("GET / HTTP/1.1\r\nHost: x", b"501"),
    ):
        with create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
            connection.sendall(f"{head}\r\n\r\n".encode())
            assert connection.recv(64).split()[1] == status


def test_a_connection_that_breaks_or_is_one_too_many_harms_nobody(server: WitnessServer) -> None:
    """Thirty-two may wait; the next is closed at once; when they have gone, there is room again."""
    waiting = [create_connection(("127.0.0.1", server.server_port), timeout=5) for _ in range(32)]
    time.sleep(0.3)
    with create_connection(("127.0.0.1", server.server_port), timeout=5) as late:
        assert late.recv(1) == b""
    for connection in waiting:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nold")
        connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))  # reset, not closed
        connection.close()
    for _ in range(100):
        time.sleep(0.02)
        with contextlib.suppress(OSError, HTTPException):
            assert submitted(server, 1, 0) == 200
            break
    else:
        pytest.fail("the witness did not come back")


def test_a_witness_that_lost_its_memory_says_so(server: WitnessServer, tmp_path: Path) -> None:
    """Status 500, and no cosignature."""
    assert submitted(server, 300, 0) == 200
    (stored,) = (tmp_path / "state").glob("*.checkpoint")
    stored.write_bytes(b"x")
    status, _, text = asked(server, render_request(Request(300, (), note(300))))
    assert (status, "was changed" in text) == (500, True)


class _Moody(BaseHTTPRequestHandler):
    """A witness that answers what it likes."""

    answers: ClassVar[list[tuple[int, str, bytes]]] = []

    def do_POST(self) -> None:
        """Answer, the last answer for ever."""
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([(200, "text/plain", b"")], "malformed"),
        ([(200, "text/plain", b"hello\n")], "malformed"),
        ([(200, "text/plain", b"\xff\n")], "malformed"),
        ([(200, "text/plain", b"x" * 1_000_000)], "malformed"),
        ([(500, "text/plain", b"\x1b[2Jhello")], r"status 500\): \[2Jhello"),
        ([(302, "text/plain", b"elsewhere")], "status 302"),
        ([(409, "text/x.tlog.size", b"many\n")], "status 409"),
        ([(409, "text/x.tlog.size", b"%d\n" % n) for n in (1, 2, 3, 4)], "keeps cosigning"),
        ([(409, "text/x.tlog.size", b"999999999999999999\n")], "this one has 300"),
    ],
)
def test_whatever_a_witness_answers_is_read_with_care(
    answers: list[tuple[int, str, bytes]], message: str
) -> None:
    """Only a cosignature that holds is taken; nothing in an answer reaches the terminal as it is."""
    _Moody.answers = list(answers)
    with HTTPServer(("127.0.0.1", 0), _Moody) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            url, key = f"http://127.0.0.1:{made.server_port}", witness_key(NAME, public_bytes(OTHER_KEY))
            with pytest.raises(RefusedByWitnessError, match=message):
                submit(url, key, Memory(LOGS[300]), note(300))
        finally:
            made.shutdown()
            thread.join()


def test_a_log_submits_its_head(server: WitnessServer, tmp_path: Path) -> None:
    """It learns from the witness how far that has come, and proves the way from there."""
    url, key = f"http://127.0.0.1:{server.server_port}/", witness_key(NAME, public_bytes(OTHER_KEY))
    for size in (300, 700, 700):
        reader = FolderReader(write(tmp_path / f"{size}", LOGS[size]))
        signature = submit(url, key, reader, note(size))
        assert cosigned_at(with_signatures(note(size), (signature,)), key)
    with pytest.raises(RefusedByWitnessError, match="700 entries; this one has 300"):
        submit(url, key, Memory(LOGS[300]), note(300))
    forked = files([*FORK[:699], b"x"])
    with pytest.raises(RefusedByWitnessError, match="status 409"):
        submit(url, key, Memory(forked), forked["checkpoint"].decode())
    stranger = witness_key(NAME, public_bytes(KEY))
    with pytest.raises(RefusedByWitnessError, match="no signature by"):
        submit(url, stranger, Memory(LOGS[700]), note(700))


def test_a_witness_that_is_not_there_is_an_error(server: WitnessServer) -> None:
    """With advice; and an address has to be one."""
    key = witness_key(NAME, public_bytes(OTHER_KEY))
    with pytest.raises(AssaymarkError, match="cannot be reached"):
        submit("http://127.0.0.1:1/", key, Memory(LOGS[1]), note(1))
    for url in ("ftp://x/", "/path", "http://", "http://a@b/"):
        with pytest.raises(UsageError):
            submit(url, key, Memory(LOGS[1]), note(1))


def test_two_submissions_at_once_do_not_roll_back(server: WitnessServer) -> None:
    """Whoever comes second is told what the first did."""
    assert submitted(server, 1, 0) == 200
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda size=size: statuses.append(submitted(server, size, 1)))
        for size in (300, 520, 700) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 1


def test_requests_read_back() -> None:
    """As the specification writes them."""
    request = Request(3, (bytes(32), bytes(range(32))), note(300))
    assert parse_request(render_request(request)) == request
    with pytest.raises(InvalidRequestError):
        parse_request(render_request(request).replace(b"old 3", b"old three"))
