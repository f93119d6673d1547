"""A ledger of version 1 becomes a folder with the same entries, tree and heads; nothing is ever lost."""

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, sample, samples
from tests.ledger.test_ledger import forked
from tests.ledger.v1 import ORIGIN, alter, write

from assaymark.errors import AssaymarkError
from assaymark.ledger.convert import convert, interrupted
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of version 1 with 300 entries, the newest of them by another key."""
    place = tmp_path / "ledger.db"
    write(place, samples(290))
    write(place, samples(10, 290), key=OTHER_KEY)
    return place


def test_it_is_converted_in_place_when_it_is_opened_with_a_key(path: Path) -> None:
    """Same origin, entries, root, heads and marks; the file is kept beside it."""
    before, old = verify(path), path.read_bytes()
    with Ledger.open(path, KEY) as ledger:
        assert ledger.origin == ORIGIN
        assert ledger.current("key-7") == 7
        assert ledger.current("key-295") is None  # another machine's
        assert ledger.head() == before.checkpoint
        assert ledger.append(samples(2, 300)) == (300, 301)
    assert path.is_dir()
    assert path.with_name("ledger.db.v1").read_bytes() == old
    assert sorted(p.name for p in path.parent.iterdir()) == ["ledger.db", "ledger.db.v1"]
    found = verify(path, public_bytes(KEY), heads=[before.checkpoint])
    assert "no signature" in found.problems[0].message  # of the head that the other key signed
    assert verify(path, heads=[before.checkpoint]).ok
    assert (found.size, found.origin, found.signers) == (302, before.origin, before.signers)


def test_a_reader_sees_it_as_it_is(path: Path) -> None:
    """Nothing is converted for somebody who only looks."""
    before = path.read_bytes()
    with Ledger.open(path) as ledger:
        assert [r.index for r in ledger.last(2)] == [298, 299]
        assert ledger.signers() == tuple(sorted((public_bytes(KEY), public_bytes(OTHER_KEY))))
        assert ledger.prove(5).leads(
            bytes.fromhex(ledger.last(295)[0].leaf), bytes.fromhex(verify(path).root)
        )
        assert ledger.head() == verify(path).checkpoint
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("PRAGMA user_version = 2", "Upgrade"),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END", "tables"),
        ("DELETE FROM state", "state is missing"),
        ("UPDATE state SET size = 1", "stored state"),
        ("UPDATE entries SET data = x'00' WHERE idx = 7", "entry 7"),
        ("DELETE FROM heads", "No head"),
        ("DELETE FROM signers", "no signature"),
    ],
)
def test_a_bad_one_is_refused_and_left_alone(path: Path, statement: str, advice: str) -> None:
    """A conversion would hide where it was changed."""
    alter(path, statement)
    before = path.read_bytes()
    with pytest.raises(AssaymarkError, match=advice):
        Ledger.open(path, KEY)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 30, b"x"])
def test_a_file_that_is_no_database_is_refused(path: Path, content: bytes) -> None:
    """With advice, and untouched."""
    path.write_bytes(content)
    for key in (KEY, None):
        with pytest.raises(AssaymarkError, match="cannot be used"):
            Ledger.open(path, key)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    """It is not ours to move."""
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(AssaymarkError, match="not an Assaymark ledger"):
        Ledger.open(path, KEY)


def test_an_empty_one_is_begun_anew(path: Path) -> None:
    """Version 1 left an empty file if it was killed before it made its tables."""
    path.write_bytes(b"")
    with pytest.raises(AssaymarkError, match="it is empty"):
        Ledger.open(path)
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1)) == (0,)


def test_a_ledger_without_entries_keeps_its_name(tmp_path: Path) -> None:
    """Its origin was drawn already."""
    write(tmp_path / "l.db")
    with Ledger.open(tmp_path / "l.db", KEY) as ledger:
        assert (ledger.origin, len(ledger), ledger.head()) == (ORIGIN, 0, "")


def test_what_is_in_the_way_is_not_replaced(path: Path) -> None:
    """An older copy under the name that the file would get."""
    path.with_name("ledger.db.v1").write_text("dear to me")
    with pytest.raises(AssaymarkError, match="in the way"):
        Ledger.open(path, KEY)
    assert path.is_file()
    assert path.with_name("ledger.db.v1").read_text() == "dear to me"


def test_a_conversion_interrupted_between_its_renames_is_finished(path: Path) -> None:
    """Both the file and the finished folder are there under other names; readers see the file."""
    convert(path)
    path.rename(path.with_name(".ledger.db.converting"))
    assert interrupted(path)
    assert verify(path).size == 300
    with Ledger.open(path) as reader:
        assert len(reader) == 300
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1, 300)) == (300,)
    assert verify(path).ok


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_an_interrupted_conversion_left_is_replaced(path: Path, what: str) -> None:
    """While the old file still has its name, that is the ledger."""
    building = path.with_name(".ledger.db.converting")
    elsewhere = path.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "dear").touch()
    if what == "folder":
        (building / "tile").mkdir(parents=True)
        (building / "wal").write_bytes(b"half")
    elif what == "file":
        building.touch()
    else:
        building.symlink_to(elsewhere)
    with Ledger.open(path, KEY) as ledger:
        assert len(ledger) == 300
    assert verify(path).ok
    assert (elsewhere / "dear").exists()


def test_killed_conversions_lose_nothing(path: Path) -> None:
    """At whatever moment: the next opening has every entry."""
    for number in range(25):
        worker = forked(lambda: Ledger.open(path, KEY).close())
        time.sleep(number * 0.002)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        assert verify(path).size == 300
        if path.is_dir():
            break
    with Ledger.open(path, KEY) as ledger:
        assert ledger.data(299) == encode(sample(299))
        assert ledger.current("key-0") == 0
    assert verify(path).ok


def test_several_processes_convert_one_ledger_once(path: Path) -> None:
    """Whoever comes second finds it done."""

    def append() -> None:
        with Ledger.open(path, KEY) as ledger:
            ledger.append([sample(1_000)])

    workers = [forked(append) for _ in range(4)]
    assert {os.waitstatus_to_exitcode(os.waitpid(w, 0)[1]) for w in workers} == {0}
    assert verify(path).size == 304
