"""The window through which headers are read: bounded, forward and back, never past the end."""

import hashlib

import pytest

from assaymark.scan.blob import BytesBlob
from assaymark.scan.weights._reader import MalformedError, Reader, Slice, TooMuchError

DATA = bytes(range(256)) * 4000
BLOB = BytesBlob("m", DATA)


def test_it_reads_forward_and_back() -> None:
    """Any place, in any order, gives the bytes that lie there."""
    reader = Reader(BLOB, limit=1 << 22)
    for at in (0, 10, 5000, 900_000, 3, 1_000_000, 262_144):
        reader.at = at
        assert reader.take(300) == DATA[at : at + 300]
    reader.at = 4
    assert reader.number("H") == 0x0504
    assert Reader(BLOB, limit=99_999, at=4, order=">").number("H") == 0x0405


def test_ends_and_bounds_are_told() -> None:
    """Past the file's end, and more than the bound."""
    reader = Reader(BLOB, limit=10_000)
    with pytest.raises(MalformedError, match="ends at byte 1,024,000"):
        reader.skip(len(DATA) + 1)
    reader.at = len(DATA) - 1
    with pytest.raises(MalformedError):
        reader.take(2)
    reader.at = 0
    with pytest.raises(TooMuchError, match="10,000"):
        reader.take(20_000)


def test_a_file_that_shrinks_is_malformed() -> None:
    """It says a size and gives less."""

    class Shrunk(BytesBlob):
        @property
        def size(self) -> int:
            return 5000

    with pytest.raises(MalformedError, match="shorter than it was"):
        Reader(Shrunk("m", b"abc"), limit=9000).take(100)


def test_a_stretch_is_a_file_of_its_own() -> None:
    """It never reaches past its end, and has a digest."""
    part = Slice(BLOB, 10, 20)
    assert (part.size, part.path) == (20, "m")
    assert part.read() == DATA[10:30]
    assert part.read(15, 100) == DATA[25:30]
    assert part.read(50) == b""
    assert part.sha256 == hashlib.sha256(DATA[10:30]).hexdigest()
    assert Slice(BLOB, len(DATA) - 5, 100).size == 5
