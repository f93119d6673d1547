"""Text of attributes: fixed and variable length, one and many, of committed types."""

import h5py
import numpy as np
import pytest
from tests.scan.hdf5.written import VERSIONS, written

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.attributes import text_of
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.source import Unread
from assaymark.scan.hdf5.superblock import read_superblock
from assaymark.scan.hdf5.walk import Told, walk


def texts(content: bytes) -> dict[str, tuple[bytes, ...] | None]:
    """Name → strings of every attribute."""
    source, superblock = read_superblock(BytesBlob("x.h5", content))
    heaps = GlobalHeaps(source)
    told = [f.attribute for f in walk(source, heaps, superblock) if isinstance(f, Told)]
    return {a.name: text_of(source, heaps, a) for a in told}


@pytest.mark.parametrize("version", VERSIONS)
def test_text_of_every_kind(version: str) -> None:
    """What h5py wrote comes back; numbers are no text."""
    long = "x" * 100_000

    def fill(file: h5py.File) -> None:
        file.attrs["variable"] = "größer"
        file.attrs["long"] = long
        file.attrs["fixed"] = np.bytes_(b"abc")
        file.attrs["many"] = [b"a", b"bb"]
        file.attrs.create("words", ["c", "dd"], dtype=h5py.string_dtype())
        file.attrs["opaque"] = np.void(b"\x00\x01")
        file.attrs["number"] = 1.5
        file.attrs["empty"] = ""

    found = texts(written(fill, version))

    assert found == {
        "variable": ("größer".encode(),),
        "long": (long.encode(),),
        "fixed": (b"abc",),
        "many": (b"a", b"bb"),
        "words": (b"c", b"dd"),
        "opaque": (b"\x00\x01",),
        "number": None,
        "empty": (b"",),
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_a_committed_type_is_followed(version: str) -> None:
    """An attribute may say its type by pointing to an object of the file."""

    def fill(file: h5py.File) -> None:
        file["type"] = h5py.string_dtype()
        file.attrs.create("text", "abc", dtype=file["type"])

    assert texts(written(fill, version))["text"] == (b"abc",)


def test_a_null_space_holds_nothing() -> None:
    """An attribute without elements has no strings."""

    def fill(file: h5py.File) -> None:
        file.attrs["nothing"] = h5py.Empty("S10")

    assert texts(written(fill)) == {"nothing": ()}


def test_more_strings_than_are_read_is_a_bound() -> None:
    """An attribute with thousands of strings is named, not read."""

    def fill(file: h5py.File) -> None:
        file.attrs["many"] = np.zeros(5_000, dtype="S1")

    with pytest.raises(Unread, match="more than 4,096 strings"):
        texts(written(fill))
