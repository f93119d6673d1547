"""Remembered digests."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.signing.cache import DigestCache
from assaymark.signing.hashing import Piece
from assaymark.signing.reading import Stamp

PIECE = Piece("a", "/m/a", Stamp(1, 2, 3, 4, 5))
LATER = 10**12
DIGEST = "ab" * 32


def remembered(piece: Piece = PIECE) -> DigestCache:
    """A cache of an earlier run that read `piece`."""
    cache = DigestCache()
    cache.put(piece, DIGEST, LATER)
    return DigestCache(cache.encode())


def test_an_unchanged_file_keeps_its_digest() -> None:
    """Also under another name: what counts is the file."""
    assert remembered().get(PIECE) == DIGEST
    assert remembered().get(msgspec.structs.replace(PIECE, name="b", path="/m/b")) == DIGEST


@pytest.mark.parametrize("field", Stamp.__struct_fields__)
def test_any_other_stamp_is_another_file(field: str) -> None:
    """Size, times, inode, device: each alone makes us read again."""
    other = msgspec.structs.replace(PIECE.stamp, **{field: 99})
    assert remembered().get(msgspec.structs.replace(PIECE, stamp=other)) == ""


def test_another_part_or_algorithm_is_another_digest() -> None:
    """A shard's digest is not the file's."""
    assert remembered().get(msgspec.structs.replace(PIECE, end=3)) == ""
    assert remembered().get(msgspec.structs.replace(PIECE, algorithm="blake2b")) == ""


def test_a_file_just_changed_is_not_remembered() -> None:
    """It may change again within the same tick of the clock."""
    for stamp in (Stamp(1, 2, 3, LATER, 5), Stamp(1, 2, 3, 4, LATER)):
        young = msgspec.structs.replace(PIECE, stamp=stamp)
        assert remembered(young).get(young) == ""


def test_what_was_not_seen_is_forgotten() -> None:
    """The cache does not grow for ever."""
    cache = remembered()
    assert DigestCache(cache.encode()).get(PIECE) == ""
    cache.get(PIECE)
    assert DigestCache(cache.encode()).get(PIECE) == DIGEST


@given(st.binary(max_size=60))
def test_a_damaged_cache_is_an_empty_one(data: bytes) -> None:
    """Whatever bytes are there."""
    assert DigestCache(data).get(PIECE) == ""


def test_a_cache_of_another_version_or_with_false_digests_is_not_used(tmp_path: Path) -> None:
    """Every entry is checked."""
    entry = [[1, 2, 3, 4, 5], "sha256", 0, -1, DIGEST]
    stamp = dict(zip(Stamp.__struct_fields__, entry[0], strict=True))  # type: ignore[arg-type]
    good = {"v": 1, "entries": [[stamp, *entry[1:]]]}
    assert DigestCache(msgspec.msgpack.encode(good)).get(PIECE) == DIGEST
    assert DigestCache(msgspec.msgpack.encode(good | {"v": 2})).get(PIECE) == ""
    false = {"v": 1, "entries": [[stamp, "sha256", 0, -1, "zz"]]}
    assert DigestCache(msgspec.msgpack.encode(false)).get(PIECE) == ""
