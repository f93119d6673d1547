"""Several writers at once, stores other than a folder, and ledgers of any size."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import fsspec
import pytest
from tests.ledger.samples import KEY, OTHER_KEY, sample, samples
from tests.ledger.test_ledger import files, forked, rotate

from assaymark.errors import AssaymarkError
from assaymark.ledger import checkpoint, folder, wal, writing
from assaymark.ledger.checkpoint import Checkpoint, parse
from assaymark.ledger.edge import Edge, tile_root
from assaymark.ledger.entry import encode
from assaymark.ledger.folder import Folder
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.merkle import leaf_hash
from assaymark.ledger.prover import Prover
from assaymark.ledger.reading import Log
from assaymark.ledger.tiles import WIDTH, levels, tiles
from assaymark.ledger.verify import verify
from assaymark.ledger.writing import Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger of a test lies."""
    return tmp_path / "ledger"


# --- several at once ----------------------------------------------------------------------------------


def test_threads_that_append_at_once_share_a_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch has its own place and stays together; there are fewer writes than batches."""
    writes: list[int] = []
    commit = Writer.commit

    def counted(self: Writer, batches: list[list[wal.Record]]) -> list[int]:
        writes.append(len(batches))
        return commit(self, batches)

    monkeypatch.setattr(Writer, "commit", counted)
    places: dict[int, tuple[int, ...]] = {}
    with Ledger.open(path, KEY) as ledger:

        def work(number: int) -> None:
            for n in range(20):
                name = number * 20 + n
                places[name] = ledger.append([sample(name), sample(name + 10_000)])

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(
            (ledger.data(first), ledger.data(second)) == (encode(sample(n)), encode(sample(n + 10_000)))
            for n, (first, second) in places.items()
        )
    assert sorted(i for pair in places.values() for i in pair) == list(range(320))
    assert sum(writes) == 160 > len(writes)
    assert verify(path).size == 320


class Interrupted(BaseException):
    """What a signal handler may raise at any point."""


def test_an_interrupt_leaves_nobody_waiting(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it hits the thread that writes for others, or one that waits."""
    writing_now, go = threading.Event(), threading.Event()
    commit, seen = Writer.commit, []

    def held_up(self: Writer, batches: list[list[wal.Record]]) -> list[int]:
        writing_now.set()
        go.wait()
        if not seen:
            seen.append(batches)
            raise Interrupted
        return commit(self, batches)

    monkeypatch.setattr(Writer, "commit", held_up)
    got: list[object] = []

    def append(number: int) -> None:
        try:
            got.append(ledger.append([sample(number)]))
        except Interrupted as error:
            got.append(error)

    def ring(*_: object) -> None:
        raise Interrupted

    ledger = Ledger.open(path, KEY)
    first, second = (threading.Thread(target=append, args=(n,)) for n in range(2))
    first.start()
    writing_now.wait()
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Interrupted):
            ledger.append([sample(9)])
    finally:
        signal.signal(signal.SIGALRM, before)
    second.start()
    while not ledger._committer._waiting:  # type: ignore[union-attr]
        time.sleep(0.001)
    go.set()
    first.join()
    second.join()
    assert [type(g) for g in got] == [Interrupted, tuple]
    assert ledger.append([sample(2)]) == (1,)
    ledger.close()
    assert verify(path).size == 2


def test_folders_that_are_replaced_below_a_writer_are_written_to(path: Path) -> None:
    """A copy that is put back while it runs must not leave it writing where nobody looks."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
        ledger.publish()
        shutil.copytree(path / "tile", path.with_name("tile"))
        shutil.rmtree(path / "tile")
        path.with_name("tile").rename(path / "tile")
        ledger.append(samples(3, 3))
    assert verify(path).size == 6


def test_each_of_several_processes_sees_what_the_others_append(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While all keep it open, publish, and begin the write-ahead file anew."""
    monkeypatch.setattr(writing, "PUBLISH_ENTRIES", 7)
    monkeypatch.setattr(writing, "ROTATE_BYTES", 6_000)

    def work() -> None:
        with Ledger.open(path, KEY) as ledger:
            for n in range(60):
                before = len(ledger)
                (index,) = ledger.append([sample(n)])
                assert index >= before
                assert ledger.data(index) == encode(sample(n))

    workers = [forked(work) for _ in range(4)]
    assert {os.waitstatus_to_exitcode(os.waitpid(w, 0)[1]) for w in workers} == {0}
    found = verify(path)
    assert (found.ok, found.size) == (True, 240)
    with Ledger.open(path) as reader:
        counted = Counter(r.entry.key for r in reader.entries())
    assert set(counted.values()) == {4}


def test_two_open_ledgers_go_on_from_each_other(path: Path) -> None:
    """Heads that another key signed meanwhile are continued, readers follow, and nothing is written twice."""
    with Ledger.open(path, KEY) as one, Ledger.open(path, OTHER_KEY) as other, Ledger.open(path) as reader:
        for n in range(6):
            ledger = (one, other)[n % 2]
            assert ledger.append([sample(n)]) == (n,)
            assert parse(ledger.publish()).size == n + 1
            assert len(reader) == n + 1
            if n == 3:
                with ledger._log.files.lock():
                    assert ledger._writer is not None
                    ledger._writer._publish(rotate=0)
        assert (one.current("key-4"), one.current("key-5"), other.current("key-5")) == (4, None, 5)
        assert reader.data(5) == encode(sample(5))
    assert verify(path).ok


def test_a_lock_that_is_held_for_long_is_an_error_with_advice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a wait without end."""
    monkeypatch.setattr(folder, "WAIT_SECONDS", 0.05)
    with Ledger.open(path, KEY) as ledger:
        held = Folder(path)
        with held.lock(), pytest.raises(AssaymarkError, match="wait for that one"):
            ledger.append(samples(1))
        held.close()
        assert ledger.append(samples(1)) == (0,)


def test_a_ledger_that_was_replaced_by_another_history_is_not_continued(path: Path, tmp_path: Path) -> None:
    """A process that keeps it open knows what was there; a shorter or other log under its name is refused."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(2))
    copy = files(path)
    with Ledger.open(path, KEY) as held:
        held.append(samples(3, 2))
        held.publish()
        with Ledger.open(path, KEY) as other:
            other.append(samples(1, 50))
        for name, data in copy.items():
            (path / name).unlink(missing_ok=True)
            (path / name).write_bytes(data)
        with pytest.raises(AssaymarkError, match="does not begin with"):
            held.append(samples(1, 9))
        with pytest.raises(AssaymarkError, match="changed by something other"):
            held.append(samples(1, 9))
        for name in ("checkpoint", "wal"):
            (path / name).unlink()
        with pytest.raises(AssaymarkError, match="changed by something other"):
            held.close()


def test_the_newest_head_of_each_key_is_kept(path: Path) -> None:
    """And no other, unless the log grew much: a head a second would be much for a log of years."""
    with Ledger.open(path, KEY) as ledger:
        for n in range(20):
            ledger.append([sample(n)])
            ledger.publish()
    with Ledger.open(path, OTHER_KEY) as ledger:
        ledger.append([sample(20)])
    parts = (path / "heads").read_text().split("\n\n")
    assert [int(text.split("\n")[1]) for text in parts[:-1:2]] == [20, 21]


# --- places and sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_tiles_and_head_may_lie_in_another_store(
    path: Path, tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder keeps what only the writer needs; the store can be read by anybody."""
    url = f"memory://{tmp_path.name}/log" if scheme == "memory" else f"file://{tmp_path}/elsewhere"
    monkeypatch.setenv("ASSAYMARK_LEDGER_TILES", url)
    monkeypatch.setattr(writing, "ROTATE_BYTES_AT_END", 20_000)
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(300))
        assert ledger.prove(299).leads(leaf_hash(encode(sample(299))), parse(ledger.head()).root)
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1, 300)) == (300,)
        assert ledger.current("key-299") == 299
    with Ledger.open(path) as reader:
        assert reader.data(0) == encode(sample(0))
        assert len(reader) == 301
    assert verify(path).ok
    assert not (path / "tile").exists()
    store, root = fsspec.core.url_to_fs(url)
    assert store.cat_file(f"{root}/checkpoint").decode() == verify(path).checkpoint
    assert store.exists(f"{root}/tile/entries/000")
    monkeypatch.delenv("ASSAYMARK_LEDGER_TILES")
    with pytest.raises(AssaymarkError, match="signed before"):
        Ledger.open(path, KEY)


def test_a_store_of_another_ledger_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ledgers cannot share a place, and a folder with tiles of its own is not split."""
    monkeypatch.setenv("ASSAYMARK_LEDGER_TILES", f"memory://{path.parent.name}/shared")
    with Ledger.open(path.with_name("one"), KEY) as ledger:
        ledger.append(samples(1))
    monkeypatch.delenv("ASSAYMARK_LEDGER_TILES")
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(1))
    monkeypatch.setenv("ASSAYMARK_LEDGER_TILES", f"memory://{path.parent.name}/shared")
    with pytest.raises(AssaymarkError, match="names another place"):
        Ledger.open(path, KEY)
    for name in ("checkpoint",):
        (path / name).unlink()
    with pytest.raises(AssaymarkError, match="another ledger"):
        Ledger.open(path, KEY)


def test_a_place_that_cannot_be_used_is_an_error_with_advice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the store says."""
    monkeypatch.setenv("ASSAYMARK_LEDGER_TILES", "nosuchscheme://x")
    with pytest.raises(AssaymarkError, match="ASSAYMARK_LEDGER_TILES"):
        Ledger.open(path, KEY)


class Failing(Folder):
    """A store that can be down."""

    down = False

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """As its parent, unless it is down."""
        if self.down and (name.startswith("tile/") or name == "checkpoint"):
            raise OSError(5, "the store is down")
        super().write(name, data, durable=durable)


def test_a_store_that_is_down_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries are acknowledged all the same; they are published when it is back, or by the next."""
    monkeypatch.setattr("assaymark.ledger.opening.Folder", Failing)
    monkeypatch.setattr(writing, "PUBLISH_ENTRIES", 3)
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(300))
        monkeypatch.setattr(Failing, "down", True)
        for n in range(300, 320):
            assert ledger.append(samples(1, n)) == (n,)
        with pytest.raises(AssaymarkError, match="the store is down"):
            ledger.publish()
        assert (verify(path).size, verify(path).waiting) == (300, 20)
        monkeypatch.setattr(Failing, "down", False)
        assert parse(ledger.publish()).size == 320
    ledger = Ledger.open(path, KEY)
    monkeypatch.setattr(Failing, "down", True)
    ledger.append(samples(1, 320))
    with pytest.raises(AssaymarkError, match="the store is down"):
        ledger.close()
    monkeypatch.setattr(Failing, "down", False)
    Ledger.open(path, KEY).close()
    found = verify(path)
    assert (found.ok, found.size) == (True, 321)


def test_a_log_without_its_write_ahead_file_goes_on(path: Path) -> None:
    """A log that was handed over as it is published."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(3))
    (path / "wal").unlink()
    with Ledger.open(path) as reader:
        assert len(reader) == 3
    with Ledger.open(path, KEY) as ledger:
        assert ledger.append(samples(1, 3)) == (3,)
    assert verify(path).size == 4


def test_a_batch_longer_than_the_write_ahead_file_may_be_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that is only too long for what is left of it begins it anew."""
    monkeypatch.setattr(wal, "MAX_BYTES", 4_000)
    with Ledger.open(path, KEY) as ledger:
        for n in range(4):
            ledger.append(samples(5, 5 * n))
        with pytest.raises(AssaymarkError, match="in parts"):
            ledger.append(samples(50))
        assert len(ledger) == 20
    assert verify(path).size == 20


def test_a_reader_neither_publishes_nor_knows_its_own(path: Path) -> None:
    """It has no key."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(2))
    with Ledger.open(path) as reader:
        assert reader.last_ours(5) == ()
        with pytest.raises(AssaymarkError, match="reading only"):
            reader.publish()
        with pytest.raises(AssaymarkError, match="no entry 2"):
            reader.data(2)


def test_an_index_that_lies_is_not_believed(path: Path) -> None:
    """Entries say their own keys; what it has too much or too little is made anew."""
    with Ledger.open(path, KEY) as ledger:
        ledger.append(samples(5))
        index = ledger._indexed()
        index.reset()
        index.add(0, ["key-3", "key-3", "key-3", "key-3", "x"])
        assert [r.index for r in ledger.recorded(["key-3"])["key-3"]] == [3]
        index.add(5, ["key-3"] * 50)
        assert ledger.current("key-4") == 4
        assert ledger.current("key-3") == 3
    for damage in (b"", b"x" * 9_000):
        (path / "index.db").write_bytes(damage)
        with Ledger.open(path, KEY) as ledger:
            assert ledger.current("key-2") == 2
    (path / "index.db").unlink()
    with Ledger.open(path, KEY) as ledger:
        assert ledger.current("key-2") == 2


def test_only_the_partial_tiles_of_the_last_heads_are_kept(path: Path) -> None:
    """Whoever reads at the head before still finds its tiles; older ones are gone, with their folders."""
    with Ledger.open(path, KEY) as ledger:
        for n in range(12):
            ledger.append(samples(40, n * 40))
            ledger.publish()
            held = [p for p in path.rglob("*.p/*") if "entries" in p.parts]
            assert len(held) <= 2
        assert not (path / "tile/0/000.p").exists()
    rotate(path)
    assert {str(p.relative_to(path / "tile")) for p in path.rglob("*.p/*")} == {
        "0/001.p/224", "1/000.p/1", "entries/001.p/224"
    }  # fmt: skip
    with Ledger.open(path) as reader:
        early = Prover(reader._log.tiles, 290, None)  # a head of long ago: larger tiles give its hashes
        assert early.inclusion(289).leads(leaf_hash(encode(sample(289))), early.root())


class Counting(Folder):
    """A folder that counts what is read from it."""

    seen: list[str]

    def read(self, name: str, limit: int) -> bytes | None:
        """As its parent, and take note."""
        self.seen.append(name)
        return super().read(name, limit)


def made(path: Path, size: int) -> None:
    """A log of `size` equal entries, of which only the right edge and one more path lie on the disk."""
    data = encode(sample(0))
    edge, node = Edge(), leaf_hash(data)
    full = {0: node}
    for level in range(1, levels(size) + 1):
        full[level] = tile_root(full[level - 1] * WIDTH)
    place = Folder(path)
    for tile in tiles(size):
        if tile.index < (size >> 8 * (max(tile.level, 0) + 1)) and tile.index > 0:
            continue
        one = len(data).to_bytes(2, "big") + data if tile.level < 0 else full[tile.level]
        place.write(tile.path, one * tile.width)
    edge = Edge.load(Log(place, place).tiles, size)
    note = checkpoint.sign(Checkpoint("assaymark.local/big", size, edge.root()), KEY)
    place.write("checkpoint", note.encode())
    place.write("wal", wal.header("assaymark.local/big", size))
    line = checkpoint.verifier_key("assaymark.local/big", public_bytes(KEY))
    place.write("signers", f"{line}\n".encode())
    place.close()


def test_a_log_of_ten_million_costs_what_a_small_one_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening, appending, publishing and proving read a tile or two a level, whatever the size."""
    counts = {}
    monkeypatch.setattr("assaymark.ledger.opening.Folder", Counting)
    monkeypatch.setattr(Counting, "seen", [], raising=False)
    for size in (1_000, 100_000, 10_000_000):
        path = tmp_path / str(size)
        path.mkdir()
        made(path, size)
        Counting.seen.clear()
        with Ledger.open(path, KEY) as ledger:
            assert ledger.append(samples(1)) == (size,)
            head = parse(ledger.publish())
            proof = ledger.prove(3)
            assert proof.leads(leaf_hash(encode(sample(0))), head.root)
            assert ledger.prove(size).leads(leaf_hash(encode(sample(0))), head.root)
            assert ledger.prove_consistency(size)
            counts[size] = len([n for n in Counting.seen if n.startswith("tile/")])
            monkeypatch.setattr(ledger, "_indexed", lambda: None)  # its making does read all entries
    assert head.size == 10_000_001
    assert max(counts.values()) <= 30
    assert counts[10_000_000] - counts[1_000] <= 12
