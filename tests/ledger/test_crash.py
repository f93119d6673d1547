"""`kill -9` at any moment: nothing acknowledged is lost, and nothing half-done stays."""

import os
import select
import shutil
import signal
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, sample, samples
from tests.ledger.test_ledger import files, forked

from assaymark.ledger import writing
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.entry import encode
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.verify import verify

KILLS = 240


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where the ledger of a test lies: in memory where there is such a place, for a kill is no power cut."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder) / "ledger"


def _write_for_ever(path: Path, pipe: int) -> None:
    """Append, publish and begin the write-ahead file anew as often as can be."""
    writing.PUBLISH_ENTRIES, writing.ROTATE_BYTES = 13, 9_000
    writing.ROTATE_BYTES_AT_END = 2_000
    while True:
        with Ledger.open(path, KEY) as ledger:
            for _ in range(9):
                size = len(ledger)
                last = ledger.append(samples(5, start=size))[-1]
                os.write(pipe, struct.pack(">Q", last))


def test_hundreds_of_kills_lose_nothing_that_was_acknowledged(path: Path) -> None:
    """Whatever a process reported before it was killed is there, in order, and the ledger verifies."""
    acknowledged, unseen = -1, 0
    for number in range(KILLS):
        reading, pipe = os.pipe()
        worker = forked(lambda pipe=pipe: _write_for_ever(path, pipe))
        os.close(pipe)
        select.select([reading], [], [], 5)
        time.sleep((number * 7 % 29) * 0.000_4)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        with os.fdopen(reading, "rb") as said:
            data = said.read()
        acknowledged = max([acknowledged, *(n for (n,) in struct.iter_unpack(">Q", data))])
        if number % 8 == 0:
            before = files(path)
            found = verify(path)
            assert found.ok, found.problems
            assert found.size + found.waiting > acknowledged
            unseen = max(unseen, found.waiting)
            with Ledger.open(path) as reader:
                assert len(reader) == found.size + found.waiting
            assert files(path) == before
    Ledger.open(path, KEY).close()
    found = verify(path)
    assert found.ok, found.problems
    assert (found.waiting, found.size > acknowledged >= KILLS) == (0, True)
    with Ledger.open(path) as reader:
        assert all(reader.data(n) == encode(sample(n)) for n in range(found.size))
    assert unseen  # some were killed between acknowledging and publishing


def test_a_write_ahead_file_cut_at_any_byte_gives_a_ledger_that_goes_on(path: Path) -> None:
    """Up to the head that was published, what is missing is named; after it, what is torn was never said."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(2))
        ledger.publish()
        published = (path / "wal").stat().st_size
        ends = [published]
        for n in range(2):
            ledger.append(samples(2, start=2 + 2 * n))
            ends.append((path / "wal").stat().st_size)
        shutil.copytree(path, path.with_name("killed"))
    killed, copy = path.with_name("killed"), path.with_name("copy")
    whole = (killed / "wal").read_bytes()
    for cut in range(published - 3, len(whole) + 1):
        (killed / "wal").write_bytes(whole[:cut])
        found = verify(killed)
        if cut < published:
            assert not found.ok
            continue
        complete = 2 + 2 * sum(cut >= end for end in ends[1:])
        assert (found.ok, found.size, found.waiting) == (True, 2, complete - 2)
        if cut % 53 == 0 or cut in ends:
            shutil.copytree(killed, copy)
            with Ledger.open(copy, KEY) as ledger:
                assert len(ledger) == complete
                assert ledger.append(samples(1, start=complete)) == (complete,)
            assert verify(copy).size == complete + 1
            shutil.rmtree(copy)


def test_what_was_not_published_is_published_by_the_next(path: Path) -> None:
    """As a process leaves it that was killed after its first append: no tile and no head yet."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(300))
        shutil.copytree(path, path.with_name("killed"))
    assert not (path.with_name("killed") / "checkpoint").exists()
    assert verify(path.with_name("killed")).waiting == 300
    with Ledger.open(path.with_name("killed")) as reader:
        assert len(reader.last(400)) == 300
        assert reader.head() == ""
    with Ledger.open(path.with_name("killed"), KEY) as ledger:
        assert parse(ledger.publish()).size == 300
    assert verify(path.with_name("killed")).ok


def test_tiles_that_a_power_cut_left_empty_are_made_again(path: Path) -> None:
    """Until the write-ahead file begins anew, nothing depends on them."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(300))
    assert (path / "wal").stat().st_size < 1 << 18
    for tile in (path / "tile").rglob("*"):
        if tile.is_file():
            tile.write_bytes(b"")
    assert not verify(path).ok
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1, start=300)) == (300,)
    assert verify(path).ok
