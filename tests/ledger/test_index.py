"""The index from run keys to positions: quick, derived, replaced when anything is wrong with it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.errors import AssaymarkError, UsageError
from assaymark.ledger.index import Index, IndexLostError, open_index
from assaymark.ledger.index_sqlite import SqliteIndex

LOG = "assaymark.local/0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the index lies."""
    return tmp_path / "ledger" / "index.db"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    """An open, empty index."""
    index = open_index(path, log=LOG)
    yield index
    index.close()


def filled(path: Path, count: int = 3) -> None:
    """An index of keys `k0`, `k1`, …."""
    index = open_index(path, log=LOG)
    index.add(0, [f"k{n}" for n in range(count)])
    index.close()


def test_a_key_is_found_at_every_position(index: Index) -> None:
    """Ascending, across batches; keys that are not there are left out."""
    index.add(0, ["a", "b", "a"])
    index.add(3, ["a"])
    assert index.size == 4
    assert index.find(["a", "b", "c", "a"]) == {"a": (0, 2, 3), "b": (1,)}
    assert index.find([]) == {}


def test_what_another_process_indexed_meanwhile_is_passed_over(path: Path, index: Index) -> None:
    """Two that catch up at once leave each entry once, at its place."""
    other = open_index(path, log=LOG)
    index.add(0, ["a", "b"])
    other.add(0, ["a", "b", "c"])
    other.close()
    assert index.size == 3
    assert index.find(["a", "b", "c"]) == {"a": (0,), "b": (1,), "c": (2,)}


def test_a_gap_is_refused(index: Index) -> None:
    """Positions are contiguous from 0, or the size would lie."""
    with pytest.raises(ValueError, match="entries 0 to 4 are not indexed"):
        index.add(5, ["a"])
    assert index.size == 0


def test_it_is_there_the_next_time_and_gone_after_a_reset(path: Path) -> None:
    """What was added stays; a reset forgets it all."""
    filled(path)
    index = open_index(path, log=LOG)
    assert (index.size, index.find(["k2"])) == (3, {"k2": (2,)})
    index.reset()
    assert (index.size, index.find(["k2"])) == (0, {})
    index.add(0, ["x"])
    assert index.find(["x"]) == {"x": (0,)}
    index.close()


def test_the_index_of_another_log_counts_as_empty(path: Path) -> None:
    """A folder put together from two logs finds nothing wrong."""
    filled(path)
    index = open_index(path, log="assaymark.local/ffffffffffffffff")
    assert index.size == 0
    index.close()


def test_many_keys_over_several_generations() -> None:
    """More keys than one query holds, in more entries than one generation holds."""
    index = open_index(None)
    count = 2**18 + 10_000
    index.add(0, [f"k{n % (count - 5)}" for n in range(count)])
    found = index.find([f"k{n}" for n in range(0, count, 97)] + ["k4"])
    assert found["k4"] == (4, count - 1)
    assert all(places[0] == int(key[1:]) for key, places in found.items())
    assert len(found) == len(range(0, count - 5, 97)) + 1
    index.close()


@given(st.lists(st.lists(st.text(max_size=2), max_size=5), max_size=6))
def test_it_agrees_with_a_list(batches: list[list[str]]) -> None:
    """Whatever the keys, lone surrogates among them, and however they are cut into batches."""
    index, plain = open_index(None), [key for batch in batches for key in batch] + ["\ud800"]
    for batch in batches:
        index.add(index.size, batch)
    index.add(index.size, ["\ud800"])
    expected = {key: tuple(n for n, k in enumerate(plain) if k == key) for key in plain}
    assert index.find([*plain, "not there"]) == expected
    index.close()


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database" * 400)


def _foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE notes (text)")
    db.commit()
    db.close()


def _with_trigger(path: Path) -> None:
    filled(path)
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER t AFTER INSERT ON keys BEGIN DELETE FROM keys; END")
    db.commit()
    db.close()


def _two_states(path: Path) -> None:
    filled(path)
    db = sqlite3.connect(path)
    db.execute("INSERT INTO state SELECT * FROM state")
    db.commit()
    db.close()


def _size_of_words(path: Path) -> None:
    filled(path)
    db = sqlite3.connect(path)
    db.execute("UPDATE state SET size = 'many'")
    db.commit()
    db.close()


def _truncated(path: Path) -> None:
    filled(path, 5_000)
    os.truncate(path, 5_000)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil", [_garbage, _foreign, _with_trigger, _two_states, _size_of_words, _truncated, _pipe]
)
def test_a_file_that_is_not_ours_is_replaced(path: Path, spoil: object) -> None:
    """It is derived: a new one is begun in its place and works."""
    path.parent.mkdir()
    assert callable(spoil)
    spoil(path)
    index = open_index(path, log=LOG)
    assert index.size == 0
    index.add(0, ["a"])
    index.close()
    again = open_index(path, log=LOG)
    assert again.find(["a"]) == {"a": (0,)}
    again.close()


def test_damage_met_while_it_is_open_begins_a_new_one(path: Path) -> None:
    """Whoever asked is told to add everything again, and then it works."""
    filled(path, 50_000)
    index = open_index(path, log=LOG)
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * (path.stat().st_size - 4_096))
    with pytest.raises(IndexLostError, match="begun anew"):
        index.find([f"k{n}" for n in range(1_000)])
    assert index.size == 0
    index.add(0, ["a"])
    assert index.find(["a"]) == {"a": (0,)}
    index.close()


@pytest.mark.parametrize("ending", ["", "-journal", "-wal", "-shm"])
def test_links_are_not_followed(path: Path, ending: str, tmp_path: Path) -> None:
    """What a link beside or instead of the file leads to is neither read, written nor removed."""
    filled(path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    place = path.with_name(path.name + ending)
    place.unlink(missing_ok=True)
    place.symlink_to(victim)
    index = open_index(path, log=LOG)
    index.add(index.size, ["a"])
    index.close()
    assert victim.read_bytes() == b"mine"
    assert not path.is_symlink()


def test_a_hard_link_is_not_written_through(path: Path, tmp_path: Path) -> None:
    """A file that has another name elsewhere is left as it is."""
    filled(path)
    other = tmp_path / "other"
    os.link(path, other)
    before = other.read_bytes()
    index = open_index(path, log=LOG)
    index.add(index.size, ["a"])
    index.close()
    assert other.read_bytes() == before


def test_a_journal_that_names_another_file_deletes_nothing(path: Path, tmp_path: Path) -> None:
    """SQLite would delete the file that a planted journal names as its super-journal."""
    filled(path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    name = os.fsencode(victim)
    magic = bytes.fromhex("d9d505f920a163d7")
    tail = name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + magic
    path.with_name("index.db-journal").write_bytes(magic + b"\0" * 504 + b"\0\0\0\1" + tail)
    index = open_index(path, log=LOG)
    assert index.size == 0
    index.close()
    assert victim.read_bytes() == b"mine"


def test_rows_that_point_nowhere_are_passed_over(path: Path) -> None:
    """A stranger's row may name a position that is no number, negative or beyond the end."""
    filled(path)
    db = sqlite3.connect(path)
    for place in ("'x'", "-1", "99", "NULL"):
        db.execute(
            f"INSERT INTO keys SELECT gen, hash, {place} FROM keys WHERE idx = 1 AND {place} IS NOT NULL"
        )
    db.commit()
    db.close()
    index = open_index(path, log=LOG)
    assert index.find(["k1"]) == {"k1": (1,)}
    index.close()


def test_a_folder_in_its_place_means_memory(path: Path) -> None:
    """Nothing is removed that holds something; the index works until it is closed."""
    (path / "inside").mkdir(parents=True)
    index = open_index(path, log=LOG)
    index.add(0, ["a"])
    assert index.find(["a"]) == {"a": (0,)}
    index.close()
    assert (path / "inside").is_dir()


def test_killed_in_the_middle_it_is_whole(path: Path) -> None:
    """A process that is killed while it adds leaves an index whose size and rows agree."""
    program = (
        "import os, sys; from pathlib import Path; from assaymark.ledger.index import open_index\n"
        "i = open_index(Path(sys.argv[1]), log=sys.argv[2])\n"
        "for n in range(0, 10**9, 500):\n"
        "    i.add(n, [f'k{m}' for m in range(n, n + 500)]); print(n, flush=True)\n"
    )
    for _ in range(3):
        path.unlink(missing_ok=True)
        command = [sys.executable, "-c", program, str(path), LOG]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            for _ in range(10):
                process.stdout.readline()
            process.kill()
        index = open_index(path, log=LOG)
        size = index.size
        assert size >= 5_000
        assert set(index.find([f"k{n}" for n in range(size)])) == {f"k{n}" for n in range(size)}
        assert index.find([f"k{n}" for n in range(size, size + 1_000)]) == {}
        index.close()


def test_a_full_disk_is_an_error_with_advice(path: Path) -> None:
    """Nothing was added, and the same can be added later."""
    index = SqliteIndex(path, log=LOG)
    index._db.execute("PRAGMA max_page_count = 8")
    with pytest.raises(AssaymarkError, match="Free some space"):
        index.add(0, [f"k{n}" for n in range(50_000)])
    assert index.size == 0
    index._db.execute("PRAGMA max_page_count = 100000")
    index.add(0, ["a"])
    assert index.find(["a"]) == {"a": (0,)}
    index.close()


def test_an_address_of_another_kind_is_refused() -> None:
    """Without repeating it: it may hold a password."""
    with pytest.raises(UsageError, match="postgresql://") as caught:
        open_index(None, "mysql://u:secret@h/d")
    assert "secret" not in str(caught.value)
