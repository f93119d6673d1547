"""Appending and looking up; what happens when the disk, the file or the process fails."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, TIME, sample, samples

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse, signed_by
from assaymark.ledger.entry import encode, entry
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import leaf_hash, root
from assaymark.ledger.store import Store
from assaymark.ledger.verify import verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger of a test lies."""
    return tmp_path / "assurance" / "ledger.db"


def test_what_was_appended_is_there_in_order(path: Path) -> None:
    """Indices count from 0 across batches and openings, and the leaf hash is that of the bytes."""
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(3)) == (0, 1, 2)
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(2, start=3)) == (3, 4)
        recorded = list(ledger.entries())
    assert [r.index for r in recorded] == [0, 1, 2, 3, 4]
    assert [r.entry.observation().summary[:1] for r in recorded] == list("01234")
    assert recorded[4].leaf == leaf_hash(encode(sample(4))).hex()
    assert {r.time for r in recorded} == {TIME}


def test_the_head_signs_the_root_over_everything(path: Path) -> None:
    """After each batch the newest head is that of all entries so far."""
    with Ledger.open(path, KEY) as ledger:
        assert ledger.head() == ""
        for count in (1, 2, 5):
            ledger.append(samples(count))
        head = parse(ledger.head())
        leaves = [bytes.fromhex(r.leaf) for r in ledger.entries()]
        assert (head.size, head.root) == (8, root(leaves))
        assert signed_by(ledger.head(), public_bytes(KEY))
        assert ledger.signers() == (public_bytes(KEY),)
        assert len(ledger) == 8


def test_a_run_key_finds_its_newest_entry(path: Path) -> None:
    """So that an unchanged observation need not be made or recorded again."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append([sample(1, key="a"), sample(2, key="b"), sample(3, key="a")])
        assert ledger.current("a") == 2
        assert ledger.current("b") == 1
        assert ledger.current("c") is None


def test_a_run_recorded_twice_is_given_once(path: Path) -> None:
    """Two processes may have made the same run; each statement counts once, a run may make several."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append([sample(1, key="a"), sample(2, key="a")])
        ledger.append([sample(1, key="a", time="2026-11-24T10:00:00Z")])
        found = ledger.recorded(["a", "b"])
    assert {key: [r.index for r in each] for key, each in found.items()} == {"a": [1, 2]}


def test_a_run_that_somebody_else_recorded_is_not_taken_for_ours(path: Path) -> None:
    """A ledger that comes with a hostile tree must not answer for checks that never ran here."""
    with Ledger.open(path, OTHER_KEY) as theirs:
        theirs.append([sample(1, key="a")])
        assert theirs.current("a") == 0
    with Ledger.open(path, KEY) as ours:
        assert ours.recorded(["a"]) == {}
        assert ours.current("a") is None
        ours.append([sample(2, key="b")])
        assert ours.current("b") == 1
    forged = encode(sample(3, key="b"))
    _alter(path, f"UPDATE entries SET data = x'{forged.hex()}' WHERE idx = 1")
    with Ledger.open(path, KEY) as ours:
        assert ours.recorded(["b"]) == {}
    with Ledger.open(path) as reader:
        assert reader.recorded(["a", "b"]) == {}


def test_the_last_entries_can_be_asked_for(path: Path) -> None:
    """Oldest of them first; more than there are gives all."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(5))
        assert [r.index for r in ledger.last(2)] == [3, 4]
        assert [r.index for r in ledger.last(50)] == [0, 1, 2, 3, 4]


def test_appending_nothing_signs_nothing(path: Path) -> None:
    """No empty batch, no needless head."""
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append([]) == ()
        assert ledger.head() == ""


def test_a_batch_is_all_or_nothing(path: Path) -> None:
    """One entry that cannot be recorded keeps the whole batch out."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(2))
        with pytest.raises(AssaymarkError, match="too long"):
            ledger.append([sample(3), entry("note", "x" * 70_000, time=TIME, system="demo", key="k")])
        assert len(ledger) == 2
    assert verify(path).ok


def test_an_error_inside_a_transaction_undoes_it(path: Path) -> None:
    """Nothing of a batch stays behind if it breaks half-way."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))

    def broken(store: Store) -> None:
        with store.batch():
            store._db.execute("DELETE FROM entries")
            raise RuntimeError

    with Store(path, origin="x") as store, pytest.raises(RuntimeError):
        broken(store)
    assert verify(path).ok


def test_a_ledger_in_memory_leaves_nothing_behind() -> None:
    """For a run that must not write."""
    with Ledger.open(None, KEY) as ledger:
        assert ledger.append(samples(2)) == (0, 1)
        assert len(list(ledger.entries())) == 2


def test_a_reader_cannot_append(path: Path) -> None:
    """Without a key there is no head to sign."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    with Ledger.open(path) as reader, pytest.raises(AssaymarkError, match="reading only"):
        reader.append(samples(1))


def test_a_reader_makes_no_ledger(path: Path) -> None:
    """Looking at a ledger that is not there, or has nothing in it, is an error, not a new ledger."""
    with pytest.raises(AssaymarkError, match="there is none"):
        Ledger.open(path)
    assert not path.exists()
    path.parent.mkdir()
    path.touch()
    with pytest.raises(AssaymarkError, match="it is empty"):
        Ledger.open(path)
    assert path.read_bytes() == b""


def test_several_keys_may_sign_one_ledger(path: Path) -> None:
    """A colleague or a CI machine goes on where another left off."""
    for key in (KEY, OTHER_KEY):
        with Ledger.open(path, key) as ledger:
            ledger.append(samples(2))
    found = verify(path)
    assert found.ok
    assert found.public_key == public_bytes(OTHER_KEY).hex()
    assert set(found.signers) == {public_bytes(KEY).hex(), public_bytes(OTHER_KEY).hex()}


# --- files that are no ledger -------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """With advice, and untouched."""
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be looked at" * 30)
    before = path.read_bytes()
    with pytest.raises(AssaymarkError, match="SQLite"):
        Ledger.open(path, KEY)
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    """Our tables are never made in somebody's data."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(AssaymarkError, match="not an Assaymark ledger"):
        Ledger.open(path, KEY)


def _alter(path: Path, *statements: str) -> None:
    """Change the file as somebody with SQLite at hand would."""
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("PRAGMA user_version = 2", "Upgrade"),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END", "tables"),
        ("DROP INDEX entries_by_key", "tables"),
        ("DELETE FROM state", "state is missing"),
        ("UPDATE state SET size = 1", "frontier"),
        ("UPDATE state SET frontier = x'00'", "frontier"),
        ("UPDATE state SET frontier = zeroblob(64)", "not the one that was signed last"),
        ("UPDATE state SET origin = 'x'", "not the one that was signed last"),
        ("DELETE FROM heads", "not the one that was signed last"),
        ("UPDATE heads SET note = 'x'", "three lines"),
        ("DELETE FROM signers", "signature of its newest head"),
    ],
)
def test_nothing_is_signed_on_top_of_a_change(path: Path, statement: str, advice: str) -> None:
    """A ledger that is newer, has other tables, or is not in the state signed last is not appended to."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    _alter(path, statement)
    with pytest.raises(AssaymarkError, match=advice), Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))


def test_an_entry_that_cannot_be_read_is_an_error_with_advice(path: Path) -> None:
    """Reading never guesses."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    _alter(path, "UPDATE entries SET data = x'00'")
    with Ledger.open(path) as ledger, pytest.raises(AssaymarkError, match="log verify"):
        list(ledger.entries())


def test_a_corrupt_file_is_an_error_with_advice(path: Path) -> None:
    """Pages overwritten on disk give a message, never a traceback."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(200))
    data = bytearray(path.read_bytes())
    data[4096:-4096] = bytes(len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(AssaymarkError):
        verify(path)


def test_a_full_disk_loses_nothing(path: Path) -> None:
    """The batch that did not fit is gone as a whole; all before it is intact."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(5))
        ledger._store._db.execute("PRAGMA max_page_count = 12")
        with pytest.raises(AssaymarkError, match="space"):
            ledger.append(samples(500))
        ledger._store._db.execute("PRAGMA max_page_count = 100000")
        ledger.append(samples(1))
    assert verify(path).ok
    assert verify(path).size == 6


def test_an_unwritable_place_is_an_error_with_advice(tmp_path: Path) -> None:
    """A file where the folder should be, and a folder where the file should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AssaymarkError, match="place that can be written"):
        Ledger.open(tmp_path / "file" / "ledger.db", KEY)
    with pytest.raises(AssaymarkError, match="accessible"):
        Ledger.open(tmp_path, KEY)


def test_a_file_made_read_only_is_an_error_with_advice(path: Path) -> None:
    """SQLite's own read-only mode stands in for a file system that is."""
    with Ledger.open(path, KEY) as ledger:
        ledger._store._db.execute("PRAGMA query_only = ON")
        with pytest.raises(AssaymarkError, match="writable"):
            ledger.append(samples(1))


# --- several processes, and the end of one ------------------------------------------------------------


def _forked(work: Callable[[], None]) -> int:
    """Do `work` in a child; its process id. A bare fork, since test tools hook into multiprocessing."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def _append_many(path: Path, count: int) -> None:
    for number in range(count):
        with Ledger.open(path, KEY) as ledger:
            ledger.append(samples(2, start=number))


def test_two_processes_append_at_once(path: Path) -> None:
    """Both succeed, from the making of the file on, and the ledger verifies."""
    workers = [_forked(lambda: _append_many(path, 15)) for _ in range(2)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    assert codes == [0, 0]
    assert verify(path).ok
    assert verify(path).size == 60


def test_a_killed_process_loses_nothing_that_was_acknowledged(path: Path) -> None:
    """Thirty processes killed at arbitrary moments: whatever they reported is there and verifies."""
    acknowledged = -1
    for number in range(30):
        reading, writing = os.pipe()
        worker = _forked(lambda pipe=writing: _write_for_ever(path, pipe))
        os.close(writing)
        time.sleep(0.01 + (number * 7 % 13) * 0.004)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        with os.fdopen(reading, "rb") as pipe:
            said = [int(line) for line in pipe.read().splitlines()]
        acknowledged = max([acknowledged, *said])
        if acknowledged >= 0:
            found = verify(path)
            assert found.ok, found.problems
            assert found.size > acknowledged
    assert acknowledged > 0


def _write_for_ever(path: Path, pipe: int) -> None:
    while True:
        with Ledger.open(path, KEY) as ledger:
            for _ in range(50):
                os.write(pipe, b"%d\n" % ledger.append(samples(20))[-1])


def test_an_interrupted_start_is_finished_by_the_next(path: Path) -> None:
    """A process killed after making the file and before making the tables leaves an empty file."""
    path.parent.mkdir()
    path.write_bytes(b"")
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1)) == (0,)


def test_the_file_alone_is_the_ledger(path: Path) -> None:
    """No write-ahead log stays beside it, so that it can be copied as one file."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
        assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]


def test_of_two_that_start_a_ledger_the_second_takes_the_first_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever saw no tables looks again once it is its turn."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    seen = iter([True, False])
    monkeypatch.setattr(Store, "_is_new", lambda _: next(seen))
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1)) == (1,)
