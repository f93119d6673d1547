"""Whatever byte of a ledger is changed, `verify` says so and names the place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ledger.samples import KEY, OTHER_KEY, sample, samples
from tests.ledger.tile_samples import entries, files, write

from assaymark.ledger.checkpoint import Checkpoint, parse, sign
from assaymark.ledger.entry import encode
from assaymark.ledger.keys import public_bytes
from assaymark.ledger.ledger import Ledger
from assaymark.ledger.tiles import decode_bundle, encode_bundle
from assaymark.ledger.verify import Verification, verify

PUBLIC = public_bytes(KEY)
SIZE, FIRST = 700, 300
BUNDLES = ["tile/entries/000", "tile/entries/001", f"tile/entries/002.p/{SIZE - 512}"]
LEAVES = ["tile/0/000", "tile/0/001", f"tile/0/002.p/{SIZE - 512}"]
LEVEL_1 = "tile/1/000.p/2"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of 700 entries with an older head over 300."""
    place = tmp_path_factory.mktemp("flips") / "ledger"
    for start, count in ((0, FIRST), (FIRST, SIZE - FIRST)):
        with Ledger.open(place, KEY) as ledger:
            ledger.append(samples(count, start))
    return place


@pytest.fixture
def ledger(original: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def flip(path: Path, place: int, bit: int = 1) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= bit
    path.write_bytes(data)


def first(found: Verification) -> tuple[int | None, str]:
    """The first problem, of a ledger that must not verify."""
    assert not found.ok
    return found.problems[0].index, found.problems[0].message


def entry_at(bundle: bytes, place: int, width: int) -> int:
    """Which entry of a bundle a byte belongs to."""
    end = 0
    for number, data in enumerate(decode_bundle(bundle, width)):
        end += 2 + len(data)
        if place < end:
            return number
    raise IndexError(place)


def test_the_ledger_that_is_changed_below_verifies(original: Path) -> None:
    """Before anything is done to it."""
    found = verify(original, PUBLIC)
    assert (found.ok, found.size, found.problems) == (True, SIZE, ())


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("part", range(7))
def test_a_changed_byte_of_an_entry_is_found_at_that_entry(ledger: Path, name: str, part: int) -> None:
    """Anywhere in a bundle; where a length was hit, the bundle is named."""
    path = ledger / name
    bundle = path.read_bytes()
    number = BUNDLES.index(name)
    width = min(256, SIZE - number * 256)
    place = part * (len(bundle) - 1) // 6
    flip(path, place)
    index, message = first(verify(ledger))
    where = number * 256 + entry_at(bundle, place, width)
    assert index in (where, number * 256)
    assert f"Entry {where}" in message or name in message


@pytest.mark.parametrize("name", LEAVES)
@pytest.mark.parametrize("part", range(5))
def test_a_changed_byte_of_a_leaf_hash_is_found_at_its_entry(ledger: Path, name: str, part: int) -> None:
    """The tile is named, and not the entry blamed, which is what was signed."""
    path = ledger / name
    place = part * (path.stat().st_size - 1) // 4
    flip(path, place)
    index, message = first(verify(ledger))
    assert index == LEAVES.index(name) * 256 + place // 32
    assert message.startswith(f"{name} was changed: its hash {place // 32} is not that of entry {index}")


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_a_changed_byte_of_the_level_above_is_found(ledger: Path, place: int) -> None:
    """With the entries that its hash is over."""
    flip(ledger / LEVEL_1, place)
    index, message = first(verify(ledger))
    assert index == place // 32 * 256
    assert LEVEL_1 in message


def test_every_byte_of_the_newest_head_counts(ledger: Path) -> None:
    """Origin, size, root, blank line, name, key id and signature."""
    path = ledger / "checkpoint"
    note = path.read_bytes()
    for place in range(len(note)):
        path.write_bytes(note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :])
        found = verify(ledger, PUBLIC, entries=False)
        assert not found.ok, f"byte {place} of the newest head may be changed"
        assert any("head" in problem.message for problem in found.problems), found.problems


@pytest.mark.parametrize("part", range(12))
def test_a_changed_byte_of_an_older_head_is_found(ledger: Path, part: int) -> None:
    """Nothing that was signed once may be changed afterwards."""
    path = ledger / "heads"
    flip(path, part * (path.stat().st_size - 1) // 11)
    found = verify(ledger)
    assert not found.ok
    assert any("head" in problem.message for problem in found.problems)


def _resigned(ledger: Path, key: object = KEY) -> None:
    """Tiles and head over the entries as they are now, as the holder of a key would make them."""
    origin = parse((ledger / "checkpoint").read_text()).origin
    data: list[bytes] = []
    for number, name in enumerate(BUNDLES):
        data += decode_bundle((ledger / name).read_bytes(), min(256, SIZE - number * 256))
    made = files(data, key, origin)
    write(ledger, made)


def _rewritten(ledger: Path, name: str, change: Callable[[list[bytes]], None]) -> None:
    number = BUNDLES.index(name)
    data = list(decode_bundle((ledger / name).read_bytes(), min(256, SIZE - number * 256)))
    change(data)
    (ledger / name).write_bytes(encode_bundle(data))


def test_an_entry_rewritten_with_all_its_tiles_contradicts_the_head(ledger: Path) -> None:
    """Everything fits but the signature, which nobody can make without the key."""
    note = (ledger / "checkpoint").read_bytes()
    _rewritten(ledger, BUNDLES[1], lambda data: data.__setitem__(3, encode(sample(99_999))))
    _resigned(ledger)
    (ledger / "checkpoint").write_bytes(note)
    index, message = first(verify(ledger))
    assert index in (0, 259)
    assert "signed over something else" in message or "259" in message


def test_a_past_rewritten_by_the_holder_of_the_key_contradicts_older_heads(ledger: Path) -> None:
    """And any head that somebody kept."""
    held = (ledger / "checkpoint").read_text()
    _rewritten(ledger, BUNDLES[0], lambda data: data.__setitem__(3, encode(sample(99_999))))
    _resigned(ledger)
    index, message = first(verify(ledger))
    assert (index, "over 300 entries was signed over something else" in message) == (0, True)
    (ledger / "heads").unlink()
    (ledger / "wal").unlink()
    assert any("held elsewhere" in p.message for p in verify(ledger, PUBLIC, [held]).problems)


@pytest.mark.parametrize("name", BUNDLES)
def test_swapped_entries_are_found(ledger: Path, name: str) -> None:
    """Each of the two is where the other was."""

    def swap(data: list[bytes]) -> None:
        data[3], data[8] = data[8], data[3]

    _rewritten(ledger, name, swap)
    index, message = first(verify(ledger))
    start = BUNDLES.index(name) * 256
    assert (index, f"Entry {start + 3} was changed" in message) == (start + 3, True)
    assert f"what was recorded as entry {start + 8}" in message


def test_swapped_bundles_and_tiles_are_found(ledger: Path) -> None:
    """Whole files that changed places."""
    for names in (BUNDLES, LEAVES):
        one, other = ((ledger / name).read_bytes() for name in names[:2])
        (ledger / names[0]).write_bytes(other)
        (ledger / names[1]).write_bytes(one)
    found = verify(ledger)
    assert not found.ok
    assert found.problems[0].index == 0


@pytest.mark.parametrize("name", [*BUNDLES, *LEAVES, LEVEL_1, "checkpoint"])
def test_a_missing_file_is_named(ledger: Path, name: str) -> None:
    """By the name it should have."""
    (ledger / name).unlink()
    found = verify(ledger)
    assert not found.ok
    wanted = "head" if name == "checkpoint" else name
    assert any(wanted in problem.message for problem in found.problems), found.problems


@pytest.mark.parametrize("name", [*BUNDLES, *LEAVES, LEVEL_1])
@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"x", lambda d: b"", lambda d: d * 2])
def test_a_file_of_another_length_is_named(ledger: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Shorter, longer, empty or doubled."""
    path = ledger / name
    path.write_bytes(change(path.read_bytes()))
    found = verify(ledger)
    assert not found.ok
    assert any(name in problem.message for problem in found.problems), found.problems


def test_a_partial_tile_in_the_place_of_the_full_one_is_found(ledger: Path) -> None:
    """A full tile has 256 hashes, whatever lies beside it."""
    (ledger / "tile/0/000.p").mkdir(exist_ok=True)
    (ledger / "tile/0/000").rename(ledger / "tile/0/000.p/255")
    found = verify(ledger)
    assert not found.ok
    assert any("tile/0/000 " in problem.message for problem in found.problems), found.problems


def test_a_cut_tail_is_found_by_the_head_and_without_it_by_whoever_kept_one(ledger: Path) -> None:
    """Rolled back whole, with the heads, it is a shorter log; only others know better."""
    held = (ledger / "checkpoint").read_text()
    origin = parse(held).origin
    shutil.rmtree(ledger / "tile/entries/002.p")
    cut = verify(ledger)
    assert first(cut)[0] == 512
    shutil.rmtree(ledger)
    write(ledger, files([encode(s) for s in samples(FIRST)], KEY, origin))
    assert verify(ledger, PUBLIC).ok
    index, message = first(verify(ledger, PUBLIC, [held]))
    assert (index, message) == (FIRST, f"Entries {FIRST} to {SIZE - 1} were removed from the end.")


def test_an_older_head_in_the_place_of_the_newest_is_found(ledger: Path) -> None:
    """By itself it is a good head; the write-ahead file knows that more was signed."""
    older = (ledger / "heads").read_text().split("\n\n")
    (ledger / "checkpoint").write_text(f"{older[0]}\n\n{older[1].rstrip()}\n")
    assert not verify(ledger, PUBLIC).ok


def test_a_head_of_another_log_or_key_is_found(ledger: Path) -> None:
    """Over the same entries, by the wrong key or under another name."""
    head = parse((ledger / "checkpoint").read_text())
    (ledger / "checkpoint").write_text(sign(head, OTHER_KEY))
    assert "no signature that holds" in first(verify(ledger, PUBLIC))[1]
    (ledger / "checkpoint").write_text(sign(Checkpoint("elsewhere", head.size, head.root), KEY))
    assert not verify(ledger, PUBLIC).ok


@pytest.mark.parametrize("index", [0, 255, 256, 699])
def test_a_changed_mark_takes_an_entry_out_of_our_own(ledger: Path, index: int) -> None:
    """Marks mean nothing to others: the ledger verifies, and the machine no longer answers from the entry."""
    with Ledger.open(ledger, KEY) as opened:
        assert opened.current(f"key-{index}") == index
    flip(ledger / "marks", index * 32 + 7)
    assert verify(ledger).ok
    with Ledger.open(ledger, KEY) as opened:
        assert opened.current(f"key-{index}") is None
        assert opened.current("key-100") == 100


def test_a_changed_index_never_changes_an_answer(ledger: Path) -> None:
    """It is derived; whatever happens to it, entries are found by it or it is made again, or an error."""
    path = ledger / "index.db"
    for place in range(0, path.stat().st_size, path.stat().st_size // 23):
        whole = path.read_bytes()
        flip(path, place, 0xFF)
        with Ledger.open(ledger, KEY) as opened:
            assert opened.current("key-5") in (5, None)
        assert verify(ledger).ok
        path.write_bytes(whole)


BIG = 66_000


@pytest.fixture(scope="module")
def three_levels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published log with tiles at three levels."""
    return write(tmp_path_factory.mktemp("big"), files(entries(BIG)))


@pytest.mark.parametrize(
    ("name", "place", "index"),
    [("tile/1/000", 32 * 200, 200 * 256), ("tile/1/001.p/1", 0, 65_536), ("tile/2/000.p/1", 5, 0)],
)
def test_tiles_of_each_level_are_checked(three_levels: Path, name: str, place: int, index: int) -> None:
    """Also where no proof would read them."""
    flip(three_levels / name, place)
    found = verify(three_levels, PUBLIC, entries=False)
    flip(three_levels / name, place)
    assert first(found)[0] == index
    assert name in first(found)[1]
