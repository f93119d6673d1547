"""Appending and looking up; what happens when the disk, the file or the process fails."""

import os
import resource
import signal
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
from assaymark.ledger.verify import verify


def rotate(path: Path) -> None:
    """Bring the ledger to where its write-ahead file is empty, as a long life does."""
    with Ledger.open(path, KEY) as ledger:
        writer = ledger._writer
        assert writer is not None
        with ledger._log.files.lock():
            writer._publish(rotate=0)


def files(path: Path) -> dict[str, bytes]:
    """All that lies in a folder, but for the index, which is derived."""
    return {
        str(p.relative_to(path)): p.read_bytes()
        for p in path.rglob("*")
        if p.is_file() and not p.name.startswith("index.db")
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger of a test lies."""
    return tmp_path / "assurance" / "ledger"


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
    rotate(path)
    marks = (path / "marks").read_bytes()
    (path / "marks").write_bytes(marks[32:] + marks[:32])
    with Ledger.open(path, KEY) as ours:
        assert ours.recorded(["b"]) == {}
        assert ours.last_ours(5) == ()
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
    path.mkdir(parents=True)
    with pytest.raises(AssaymarkError, match="it is empty"):
        Ledger.open(path)
    assert list(path.iterdir()) == []


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


def test_a_folder_of_something_else_is_refused(path: Path) -> None:
    """Our files are never put among somebody's data."""
    path.mkdir(parents=True)
    (path / "thesis.txt").write_text("dear to me")
    with pytest.raises(AssaymarkError, match="not an Assaymark ledger"):
        Ledger.open(path, KEY)
    assert [p.name for p in path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["wal", "checkpoint", "tile", "signers", "heads", "marks"])
def test_links_in_a_ledger_are_not_followed(path: Path, tmp_path: Path, name: str) -> None:
    """Neither to read nor to write: it may lie in a stranger's tree."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    (path / name).rename(tmp_path / "theirs")
    (path / name).symlink_to(tmp_path / "theirs")
    theirs = [p for p in (tmp_path / "theirs", *(tmp_path / "theirs").rglob("*")) if p.is_file()]
    before = {p: p.read_bytes() for p in theirs}
    with pytest.raises(AssaymarkError, match="plain file"), Ledger.open(path, OTHER_KEY) as ledger:
        ledger.append(samples(1))
    assert {p: p.read_bytes() for p in theirs} == before


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_refused(path: Path, tmp_path: Path, kind: str) -> None:
    """It is not waited for, and nothing is written through it."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    (path / "wal").unlink()
    if kind == "link":
        (path / "wal").symlink_to(tmp_path / "nowhere")
    elif kind == "pipe":
        os.mkfifo(path / "wal")
    else:
        (path / "wal").mkdir()
    with pytest.raises(AssaymarkError, match="plain file"):
        Ledger.open(path, KEY)
    assert not (tmp_path / "nowhere").exists()


def test_a_file_with_a_second_name_is_not_written_to(path: Path, tmp_path: Path) -> None:
    """A hard link to somebody's file, planted under our name, would change it."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    os.link(path / "wal", tmp_path / "second")
    before = (tmp_path / "second").read_bytes()
    with pytest.raises(AssaymarkError, match="second name"), Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    assert (tmp_path / "second").read_bytes() == before


def test_a_ledger_behind_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    """Its folder too has to be where its path says."""
    with Ledger.open(tmp_path / "theirs", KEY) as ledger:
        ledger.append(samples(1))
    path.parent.mkdir()
    path.symlink_to(tmp_path / "theirs")
    for key in (KEY, None):
        with pytest.raises(AssaymarkError, match="no plain file or folder"):
            Ledger.open(path, key)


def _flip(path: Path, place: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def other_letter(path: Path, place: int) -> None:
    """Change a letter of base64 for another, so that it is still base64."""
    text = path.read_bytes()
    place %= len(text)
    path.write_bytes(text[:place] + (b"B" if text[place] == ord("A") else b"A") + text[place + 1 :])


def _of_another(path: Path) -> None:
    with Ledger.open(path.with_name("other"), KEY) as other:
        other.append(samples(3))
    (path / "checkpoint").write_bytes((path.with_name("other") / "checkpoint").read_bytes())


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (lambda p: _flip(p / "wal", 3), "does not begin as one"),
        (lambda p: (p / "wal").write_bytes((p / "wal").read_bytes().replace(b"wal 1", b"wal 2")), "upgrade"),
        (lambda p: _flip(p / "wal", 20), "header"),
        (lambda p: _flip(p / "tile/0/000.p/3", 40), "not the one that was signed last"),
        (lambda p: (p / "tile/0/000.p/3").write_bytes(b"x"), "bytes"),
        (lambda p: (p / "tile/0/000.p/3").unlink(), "is missing"),
        (lambda p: (p / "tile/entries/000.p/3").write_bytes(bytes(1)), "ends"),
        (lambda p: (p / "checkpoint").unlink(), "were signed before"),
        (lambda p: (p / "checkpoint").write_text("x"), "cannot be read"),
        (lambda p: other_letter(p / "checkpoint", 40), "not the one"),
        (lambda p: other_letter(p / "checkpoint", -20), "does not hold"),
        (_of_another, "another ledger"),
    ],
)
def test_nothing_is_signed_on_top_of_a_change(
    path: Path, change: Callable[[Path], None], advice: str
) -> None:
    """A ledger that is newer, damaged, or not in the state signed last is not appended to."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    rotate(path)
    change(path)
    before = files(path)
    with pytest.raises(AssaymarkError, match=advice), Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    assert files(path) == before


def test_an_entry_that_cannot_be_read_is_an_error_with_advice(path: Path) -> None:
    """Reading never guesses."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    rotate(path)
    for damage in (b"\0\1x", b"\0", b""):
        (path / "tile/entries/000.p/1").write_bytes(damage)
        with Ledger.open(path) as ledger, pytest.raises(AssaymarkError, match="log verify"):
            list(ledger.entries())


def test_a_full_disk_loses_nothing(path: Path) -> None:
    """The batch that did not fit is gone as a whole; all before it is intact, and it goes on afterwards."""

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Ledger.open(path, KEY) as ledger:
            ledger.append(samples(5))
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
            with pytest.raises(AssaymarkError, match="Allow larger files"):
                ledger.append(samples(500))
            assert len(ledger) == 5
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            ledger.append(samples(1))

    assert os.waitstatus_to_exitcode(os.waitpid(forked(fill), 0)[1]) == 0
    assert verify(path).ok
    assert verify(path).size == 6


def test_a_file_where_the_folder_should_be_is_an_error_with_advice(tmp_path: Path) -> None:
    """Nothing can be made within a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AssaymarkError, match="cannot be used"):
        Ledger.open(tmp_path / "file" / "ledger", KEY)


def test_a_folder_that_was_moved_away_is_written_to_no_more(path: Path) -> None:
    """Entries in a folder that nobody finds are lost; once it is back they are taken."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
        path.rename(path.with_name("moved"))
        with pytest.raises(AssaymarkError, match="cannot be used"):
            ledger.append(samples(1))
        path.mkdir()
        with pytest.raises(AssaymarkError, match="replaced"):
            ledger.append(samples(1))
        path.rmdir()
        path.with_name("moved").rename(path)
        assert ledger.append(samples(1)) == (1,)


# --- several processes, and the end of one ------------------------------------------------------------


def forked(work: Callable[[], None]) -> int:
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
    workers = [forked(lambda: _append_many(path, 15)) for _ in range(2)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    assert codes == [0, 0]
    assert verify(path).ok
    assert verify(path).size == 60
