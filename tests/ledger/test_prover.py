"""Proofs from tiles."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.tile_samples import Memory, entries, files

from assaymark.errors import AssaymarkError
from assaymark.ledger.checkpoint import parse
from assaymark.ledger.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
)
from assaymark.ledger.prover import ContradictionError, Prover
from assaymark.ledger.tiles import MissingTileError, Tile, parse_path

BIG = entries(70_000)
LEAVES = [leaf_hash(data) for data in BIG]
FILES = {size: files(BIG[:size]) for size in (1, 2, 255, 256, 257, 1_000, 70_000)}
SIZES = st.sampled_from(sorted(FILES))


def prover(size: int, change: Callable[[dict[str, bytes]], object] = lambda found: None) -> Prover:
    """One for the log of that size, after `change` to its files."""
    found = dict(FILES[size])
    change(found)
    return Prover.at(Memory(found), parse(found["checkpoint"].decode()))


@given(SIZES, st.data())
@settings(max_examples=60, deadline=None)
def test_proofs_are_those_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    """Over any earlier size, what tiles give is what RFC 6962's definition over all leaves gives."""
    small = min(size, 1_000)
    earlier = data.draw(st.integers(1, small))
    index = data.draw(st.integers(0, earlier - 1))
    made = Prover(Memory(FILES[size]), size)
    assert made.inclusion(index, earlier).hashes == inclusion_proof(LEAVES[:earlier], index)
    assert made.inclusion(index, earlier).leads(LEAVES[index], root(LEAVES[:earlier]))
    assert made.root(earlier) == root(LEAVES[:earlier])
    assert made.frontier(earlier).nodes == Prover(Memory(FILES[size]), size).frontier(earlier).nodes
    first = data.draw(st.integers(1, earlier))
    assert made.consistency(first, earlier) == consistency_proof(LEAVES[:earlier], first)
    assert made.leaf(index) == LEAVES[index]
    assert made.data(index) == BIG[index]


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_999])
def test_a_proof_in_a_long_log_reads_a_handful_of_files(index: int) -> None:
    """Two a level at most, and the checkpoint."""
    memory = Memory(FILES[70_000])
    made = Prover.at(memory, parse(FILES[70_000]["checkpoint"].decode()))
    proof = made.inclusion(index)
    assert proof.leads(LEAVES[index], root(LEAVES))
    assert len(memory.asked) <= 6
    assert len(set(memory.asked)) == len(memory.asked)
    again = made.consistency(index + 1)
    assert verify_consistency(index + 1, 70_000, root(LEAVES[: index + 1]), root(LEAVES), again)
    assert len(memory.asked) <= 8


@pytest.mark.parametrize("size", [10_000_000, 1_000_000_000])
def test_a_proof_in_a_huge_log_reads_no_more(size: int) -> None:
    """A log whose entries are all alike needs no space to be this long."""
    hashes = [leaf_hash(b"x")]
    for _ in range(4):
        hashes.append(hashes[-1])
        for _ in range(8):
            hashes[-1] = node_hash(hashes[-1], hashes[-1])
    asked: list[str] = []

    class Alike:
        def read(self, path: str) -> bytes:
            """See `TileReader`."""
            asked.append(path)
            tile = parse_path(path)
            return hashes[tile.level] * tile.width

    made = Prover(Alike(), size, Prover(Alike(), size).root())
    asked.clear()
    assert made.inclusion(size // 3).leads(hashes[0], made.root())
    made.consistency(size // 3)
    assert len(asked) <= 8


def test_a_log_with_an_absurd_number_of_entries_costs_nothing() -> None:
    """Its head may say what it likes: a size beyond all reason is refused, one within it reads few files."""
    with pytest.raises(ContradictionError, match="No log has"):
        Prover(Memory({}), 2**60)
    memory = Memory({})
    with pytest.raises(MissingTileError):
        Prover(memory, 2**56 - 1, bytes(32))
    assert len(memory.asked) <= 2


def test_an_earlier_state_is_proved_to_belong_to_the_same_tree() -> None:
    """A proof over fewer entries than the head covers is checked against the head all the same."""
    assert prover(1_000).inclusion(5, 300).hashes == inclusion_proof(LEAVES[:300], 5)
    stale = files([*BIG[:260], b"changed", *BIG[261:1_000]]) | {"tile/0/001": FILES[1_000]["tile/0/001"]}
    made = Prover.at(Memory(stale), parse(stale["checkpoint"].decode()))
    with pytest.raises(ContradictionError, match="no way from 300"):
        made.inclusion(5, 300)


def test_a_walk_over_a_long_log_keeps_little() -> None:
    """What is read is read again once other tiles have taken its place, and the answers stay the same."""
    memory = Memory(FILES[70_000])
    made = Prover(memory, 70_000)
    for index in (*range(0, 70_000, 256), 0):
        assert made.leaf(index) == LEAVES[index]
    assert memory.asked.count("tile/0/000") == 2
    for index in range(0, 10_000, 3):
        assert made.inclusion(index).hashes[0] == LEAVES[index ^ 1]
    assert made.root() == root(LEAVES)


def test_nothing_is_consistent_with_everything() -> None:
    """From no entries to any number the proof is empty; an empty log has the root of nothing."""
    assert prover(257).consistency(0) == ()
    assert Prover(Memory({}), 0).root() == root([])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda p: p.inclusion(257), "no entry 257"),
        (lambda p: p.inclusion(-1), "no entry -1"),
        (lambda p: p.inclusion(5, 5), "no entry 5 in a log of 5"),
        (lambda p: p.inclusion(5, 258), "covers 257 entries, not 258"),
        (lambda p: p.consistency(258), "no earlier state"),
        (lambda p: p.leaf(257), "no entry 257"),
        (lambda p: p.data(300), "no entry 300"),
    ],
)
def test_what_is_not_there_cannot_be_proved(ask: Callable[[Prover], object], message: str) -> None:
    """And the message counts with the user."""
    with pytest.raises(AssaymarkError, match=message):
        ask(prover(257))


@pytest.mark.parametrize("tile", [Tile(0, 3, 232), Tile(0, 0), Tile(1, 0, 3)])
def test_a_missing_tile_is_named(tile: Tile) -> None:
    """By the name it would have."""
    with pytest.raises(MissingTileError, match=tile.path) as raised:
        prover(1_000, lambda found: found.pop(tile.path)).inclusion(5)
    assert raised.value.path == tile.path


def test_a_full_tile_stands_in_for_a_partial_one() -> None:
    """A log may delete partial tiles once the full ones are there."""
    partial = [t.path for t in (Tile(0, 3, 232), Tile(-1, 3, 232))]
    full = {name: FILES[70_000][name.partition(".p/")[0]] for name in partial}

    def change(found: dict[str, bytes]) -> None:
        for name in partial:
            found[name.partition(".p/")[0]] = full[name]
            del found[name]

    made = prover(1_000, change)
    assert made.inclusion(999).hashes == inclusion_proof(LEAVES[:1_000], 999)
    assert made.data(999) == BIG[999]


def _flipped(name: str, place: int) -> Callable[[dict[str, bytes]], None]:
    def change(found: dict[str, bytes]) -> None:
        data = bytearray(found[name])
        data[place] ^= 1
        found[name] = bytes(data)

    return change


@pytest.mark.parametrize("place", range(0, 232 * 32, 331))
def test_a_changed_byte_at_the_edge_contradicts_the_head(place: int) -> None:
    """The root is computed from the edge before anything is proved."""
    with pytest.raises(ContradictionError, match="signed head says"):
        prover(1_000, _flipped("tile/0/003.p/232", place))


@pytest.mark.parametrize("place", [0, 31, 32, 4_000, 8_191])
def test_a_changed_byte_below_the_edge_is_found_when_it_is_used(place: int) -> None:
    """No proof is handed out that does not lead to the signed root; the tile is named."""
    made = prover(1_000, _flipped("tile/0/001", place))
    with pytest.raises(ContradictionError, match="entry 300") as raised:
        made.inclusion(300)
    assert raised.value.path == "tile/0/001"
    with pytest.raises(ContradictionError, match="no way from 400 to 1,000"):
        made.consistency(400)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.update({"tile/0/001": f["tile/0/001"][:-1]}), "tile/0/001 is malformed"),
        (lambda f: f.update({"tile/0/001": f["tile/0/001"] + b"x"}), "tile/0/001 is malformed"),
        (lambda f: f.update({"tile/entries/001": b""}), "tile/entries/001 is malformed"),
        (_flipped("tile/entries/001", 1), "tile/entries/001 is malformed"),
        (_flipped("tile/entries/001", 5), "does not give its leaf hash"),
        (lambda f: f.update({"tile/entries/001": f["tile/entries/000"]}), "does not give its leaf hash"),
    ],
)
def test_malformed_files_are_refused(change: Callable[[dict[str, bytes]], object], message: str) -> None:
    """With their name."""
    made = prover(1_000, change)
    with pytest.raises(ContradictionError, match=message):
        [made.data(n) for n in range(256, 512)]
