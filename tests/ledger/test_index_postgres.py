"""The index in a real PostgreSQL server: shared by logs, correct when the server dies under it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.postgres_server import PASSWORD, Server, Unavailable, running
from tests.ledger.samples import KEY, samples

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.index import Index, IndexLostError, open_index
from assaymark.ledger.index_postgres_url import parse_address
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify

LOG = "assaymark.local/0123456789abcdef"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for all tests here; some end it and start it again."""
    try:
        with running() as server:
            yield server
    except Unavailable as reason:
        pytest.skip(f"no PostgreSQL server can be started here: {reason}")


@pytest.fixture
def index(server: Server) -> Iterator[Index]:
    """An open, empty index of `LOG`."""
    index = open_index(None, server.url, log=LOG)
    index.reset()
    yield index
    index.close()


def sql(server: Server, statement: str) -> Any:
    """What somebody else does in the database meanwhile."""
    native = pytest.importorskip("pg8000.native")
    address = parse_address(server.url)
    with native.Connection(
        address.user,
        password=address.password,
        unix_sock=address.socket,
        database="postgres",
        ssl_context=False,
    ) as db:
        return db.run(statement)


def test_a_key_is_found_at_every_position(index: Index) -> None:
    """Ascending, across batches; keys that are not there are left out."""
    index.add(0, ["a", "b", "a"])
    index.add(3, ["a", "\ud800"])
    assert index.size == 5
    assert index.find(["a", "b", "c", "\ud800"]) == {"a": (0, 2, 3), "b": (1,), "\ud800": (4,)}
    assert index.find([]) == {}


def test_several_logs_share_a_database(server: Server, index: Index) -> None:
    """Each finds its own, and a reset forgets only its own."""
    other = open_index(None, server.url, log="assaymark.local/other")
    other.reset()
    index.add(0, ["a"])
    other.add(0, ["x", "a"])
    assert (index.find(["a"]), other.find(["a"])) == ({"a": (0,)}, {"a": (1,)})
    index.reset()
    assert (index.size, index.find(["a"]), other.find(["a"])) == (0, {}, {"a": (1,)})
    other.close()


def test_what_another_process_indexed_meanwhile_is_passed_over(server: Server, index: Index) -> None:
    """Two that catch up at once leave each entry once; a gap is refused and leaves the line usable."""
    other = open_index(None, server.url, log=LOG)
    index.add(0, ["a", "b"])
    other.add(0, ["a", "b", "c"])
    assert index.find(["a", "b", "c"]) == {"a": (0,), "b": (1,), "c": (2,)}
    with pytest.raises(ValueError, match="not indexed yet"):
        other.add(9, ["z"])
    assert other.size == 3
    other.close()


def test_many_keys(index: Index) -> None:
    """More than one message holds, in and out."""
    keys = [f"k{n}" for n in range(25_000)]
    index.add(0, keys)
    assert index.find(keys) == {key: (n,) for n, key in enumerate(keys)}


def test_a_dropped_connection_is_opened_again(server: Server, index: Index) -> None:
    """An administrator ends every connection; the next question is answered nevertheless."""
    index.add(0, ["a"])
    sql(
        server,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'assaymark' AND pid <> pg_backend_pid()",
    )
    assert index.find(["a"]) == {"a": (0,)}
    server.stop()
    server.start()
    index.add(1, ["b"])
    assert (index.size, index.find(["b"])) == (2, {"b": (1,)})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_while_the_server_is_gone_the_error_is_clear(
    server: Server, index: Index, how: signal.Signals
) -> None:
    """It says what to do and no password; once the server is back, the same index goes on."""
    index.add(0, ["a"])
    server.stop(how)
    try:
        for question in (lambda: index.find(["a"]), lambda: index.add(1, ["b"]), lambda: index.size):
            with pytest.raises(AssaymarkError, match="cannot be used") as caught:
                question()
            assert PASSWORD not in str(caught.value)
            assert "the log itself is intact" in caught.value.advice
        with pytest.raises(AssaymarkError, match="cannot be used"):
            open_index(None, server.url, log=LOG)
    finally:
        server.start()
    assert index.find(["a", "b"]) == {"a": (0,)}
    index.add(1, ["b"])
    assert index.find(["b"]) == {"b": (1,)}


def test_killed_in_the_middle_it_is_whole(server: Server) -> None:
    """Server and client end while rows are being added: size and rows agree afterwards."""
    program = (
        "import sys; from assaymark.ledger.index import open_index\n"
        "i = open_index(None, sys.argv[1], log=sys.argv[2])\n"
        "for n in range(0, 10**9, 500):\n"
        "    i.add(n, [f'k{m}' for m in range(n, n + 500)]); print(n, flush=True)\n"
    )
    log = "assaymark.local/killed"
    command = [sys.executable, "-c", program, server.url, log]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(5):
            process.stdout.readline()
        server.stop()
        process.stdout.read()
        assert process.wait(30) != 0
    server.start()
    index = open_index(None, server.url, log=log)
    size = index.size
    assert size >= 2_500
    assert len(index.find([f"k{n}" for n in range(size + 2_000)])) == size
    index.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE assaymark_index_keys",
        "DROP TABLE assaymark_index_logs",
        "DELETE FROM assaymark_index_logs",
        "ALTER TABLE assaymark_index_keys DROP COLUMN idx",
    ],
)
def test_tables_that_were_taken_away_are_made_again(server: Server, index: Index, damage: str) -> None:
    """Whoever asked is told to add everything again, and then it works."""
    index.add(0, ["a", "b"])
    sql(server, damage)
    with pytest.raises(IndexLostError, match="begun anew"):
        index.find(["a"])
    assert index.size == 0
    index.add(0, ["a"])
    assert index.find(["a", "b"]) == {"a": (0,)}


def test_the_ledger_stays_correct_while_its_index_is_gone(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording goes on without the server; only looking up says that it is gone, until it is back."""
    monkeypatch.setenv("ASSAYMARK_LEDGER_INDEX", server.url)
    place = tmp_path / "ledger"
    with Ledger.open(place, KEY) as ledger:
        ledger.append(samples(5))
        assert ledger.current("key-3") == 3
        server.stop()
        try:
            assert ledger.append(samples(5, 5)) == (5, 6, 7, 8, 9)
            with pytest.raises(AssaymarkError, match="cannot be used") as caught:
                ledger.recorded(["key-7"])
            assert PASSWORD not in str(caught.value)
            assert len(ledger) == 10
        finally:
            server.start()
        assert ledger.current("key-7") == 7
    sql(server, "DROP TABLE assaymark_index_keys, assaymark_index_logs")
    with Ledger.open(place, KEY) as ledger:
        assert [ledger.current(f"key-{n}") for n in range(10)] == list(range(10))
    assert verify(place).ok
    assert not (place / "index.db").exists()


def test_a_wrong_password_is_an_error_that_does_not_repeat_it(server: Server) -> None:
    """Neither the wrong one nor the right one is told."""
    url = server.url.replace(PASSWORD.replace(" ", "%20"), "wrong-one")
    with pytest.raises(AssaymarkError, match="authentication failed") as caught:
        open_index(None, url, log=LOG)
    assert "wrong-one" not in str(caught.value)


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "pg8000.native", None)
    with pytest.raises(AssaymarkError, match=r"pip install 'assaymark\[postgres\]'"):
        open_index(None, "postgresql://localhost/x")


def test_nobody_listening_is_an_error_with_advice() -> None:
    """A port where nothing is; the password is not told."""
    with pytest.raises(AssaymarkError, match=r"127\.0\.0\.1:1, database d") as caught:
        open_index(None, "postgresql://u:hush@127.0.0.1:1/d")
    assert "hush" not in str(caught.value)


def test_addresses_are_read_as_libpq_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """User, password, host, port, database and the options that we know."""
    monkeypatch.setenv("PGPASSWORD", "from outside")
    full = parse_address(
        "postgresql://me%40x:p%2Fw@db.example:6000/evidence?sslmode=verify-full&sslrootcert=/ca"
    )
    assert (full.user, full.password, full.host, full.port) == ("me@x", "p/w", "db.example", 6000)
    assert (full.database, full.ssl_mode, full.root_certificate) == ("evidence", "verify-full", "/ca")
    local = parse_address("postgresql://me@/d?host=/run/postgresql&port=5433")
    assert (local.socket, local.password) == ("/run/postgresql/.s.PGSQL.5433", "from outside")
    assert "p/w" not in full.shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:pw@h:port/d",
        "postgresql://u:pw@h/d?x=pw",
        "postgresql://u:pw@h/d?sslmode=pw",
        "postgresql://u:pw@h/d?port=pw",
        "postgresql://u:pw@[h/d",
        "postgresql://u:pw@h/d?pw",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    """Whatever is wrong with it, the password stays out of the message."""
    with pytest.raises(UsageError) as caught:
        open_index(None, url)
    assert "pw" not in str(caught.value)
