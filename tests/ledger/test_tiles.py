"""Names and bytes of the static files of a log."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.ledger.tiles import (
    MAX_ENTRY_BYTES,
    InvalidTileError,
    Tile,
    bundle_of,
    decode_bundle,
    decode_hashes,
    encode_bundle,
    encode_hashes,
    levels,
    parse_path,
    partial,
    tiles,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 1000, 17), "tile/1/x001/000.p/17"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(-1, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_tiles_have_the_names_of_the_specification(tile: Tile, path: str) -> None:
    """In groups of three digits, with a width on partial ones alone; each name reads back."""
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/64/000",
        "tile/00/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../0/000",
        "tile/0/" + "x999/" * 5_000 + "000",
    ],
)
def test_any_other_name_is_refused(path: str) -> None:
    """One file has one name."""
    with pytest.raises(InvalidTileError):
        parse_path(path)


def test_a_log_of_70_000_entries_has_the_tiles_of_the_specification() -> None:
    """The example that tlog-tiles gives."""
    found = list(tiles(70_000))
    assert [sum(t.level == n and t.full for t in found) for n in (-1, 0, 1, 2)] == [273, 273, 1, 0]
    assert [t for t in found if not t.full] == [
        Tile(-1, 273, 112),
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(tiles(256)) == [Tile(-1, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles(0)) == []


@given(st.integers(0, 200_000), st.integers(0, 70_000))
@settings(max_examples=60, deadline=None)
def test_what_is_new_is_what_the_later_log_has_more(earlier: int, more: int) -> None:
    """Writing only what is new leaves a log whole, and writes nothing twice."""
    old, new = set(tiles(earlier)), list(tiles(earlier + more, earlier))
    assert len(new) == len(set(new))
    assert set(new) == set(tiles(earlier + more)) - old


@given(st.integers(1, 2**40))
@settings(max_examples=60, deadline=None)
def test_the_partial_tiles_of_a_log_are_few(size: int) -> None:
    """One a level at most, as wide as the size says."""
    assert 256 ** (levels(size) - 1) <= size
    for level in range(levels(size)):
        last = partial(level, size)
        assert (last.width if last else 0) == size // 256**level % 256
    assert bundle_of(size - 1, size).width == (size % 256 or 256)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_bundles_read_back(entries: list[bytes]) -> None:
    """Every entry comes back as it was."""
    assert decode_bundle(encode_bundle(entries), len(entries)) == tuple(entries)


def test_the_longest_entry_fits_and_no_longer_one() -> None:
    """Lengths have two bytes."""
    longest = bytes(MAX_ENTRY_BYTES)
    assert decode_bundle(encode_bundle([longest]), 1) == (longest,)
    with pytest.raises(InvalidTileError, match="longer than"):
        encode_bundle([longest + b"x"])


@pytest.mark.parametrize(
    ("data", "width", "message"),
    [
        (b"", 1, "ends after 0 entries"),
        (b"\x00", 1, "ends after 0 entries"),
        (b"\x00\x02a", 1, "ends within entry 0 of 1"),
        (b"\x00\x01ab", 1, "has 1 bytes after its 1 entries"),
        (b"\x00\x01a", 2, "ends after 1 entries where there should be 2"),
        (b"\xff\xff", 256, "ends within entry 0 of 256"),
    ],
)
def test_a_bundle_of_another_length_is_refused(data: bytes, width: int, message: str) -> None:
    """And the message says where it goes wrong."""
    with pytest.raises(InvalidTileError, match=message):
        decode_bundle(data, width)


def test_a_hash_tile_holds_exactly_its_hashes() -> None:
    """Neither a byte more nor less."""
    hashes = tuple(bytes([n]) * 32 for n in range(3))
    data = encode_hashes(hashes)
    assert decode_hashes(data, 3) == hashes
    for wrong, width in ((data[:-1], 3), (data + b"x", 3), (data, 2), (b"", 1)):
        with pytest.raises(InvalidTileError, match="where"):
            decode_hashes(wrong, width)
