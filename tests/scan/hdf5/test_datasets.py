"""Layouts of every version and class, and the serialised selections of virtual datasets."""

import struct

import h5py
import numpy as np
import pytest
from tests.scan.hdf5.written import VERSIONS, written
from tests.scan.looked_at import looked_at, words

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.datasets import layout_of, virtual_sources
from assaymark.scan.hdf5.headers import Message
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.source import Source, Unread

NOWHERE = b"\xff" * 8


def stored(data: bytes) -> int:
    """Bytes that a layout message says are in the file."""
    return layout_of(Source(BytesBlob("x", b"")), Message(8, 0, data, 0)).stored


def sources(entry: bytes, version: int = 0, count: int = 1) -> tuple[tuple[str, str], ...]:
    """Sources of a virtual dataset whose list is this."""
    told = bytes([version]) + struct.pack("<Q", count) + entry
    collection = b"GCOL\x01\0\0\0" + struct.pack("<Q", 4096) + struct.pack("<HHIQ", 1, 1, 0, len(told)) + told
    source = Source(BytesBlob("x", collection.ljust(4096, b"\0")))
    return virtual_sources(source, GlobalHeaps(source), (0, 1))


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"\x03\x00\x05\x00hello", 5),
        (b"\x03\x01" + bytes(8) + struct.pack("<Q", 77), 77),
        (b"\x03\x02\x02" + NOWHERE + bytes(12), 0),
        (b"\x04\x02\x00\x01\x01\x04\x01" + bytes(8), 0),
        (b"\x01\x01\x00" + bytes(5) + struct.pack("<I", 4) + struct.pack("<I", 9) + bytes(9), 9),
        (b"\x01\x01\x01" + bytes(5) + bytes(8) + struct.pack("<I", 4), 0),
        (b"\x02\x02\x02" + bytes(5) + NOWHERE + bytes(8), 0),
    ],
)
def test_layouts(data: bytes, size: int) -> None:
    """Compact, contiguous and chunked, from the first version on."""
    assert stored(data) == size


@pytest.mark.parametrize(
    ("data", "reason"), [(b"\x09", "version 9"), (b"\x03\x07", "class 7"), (b"\x03", "cut short")]
)
def test_layouts_that_are_not_known(data: bytes, reason: str) -> None:
    """Said by version and class."""
    with pytest.raises(Unread, match=reason):
        stored(data)


ALL = struct.pack("<IIQ", 3, 1, 0)
NONE = struct.pack("<IIQ", 0, 1, 0)
POINTS = struct.pack("<III", 1, 1, 0) + struct.pack("<III", 12, 1, 1) + bytes(4)
POINTS_2 = struct.pack("<IIBI", 1, 2, 4, 2) + struct.pack("<I", 3) + bytes(24)
SLAB = struct.pack("<III", 2, 1, 0) + struct.pack("<III", 16, 1, 1) + bytes(8)
SLAB_2 = struct.pack("<IIBI", 2, 2, 1, 36) + bytes(36)
SLAB_3 = struct.pack("<IIBBI", 2, 3, 1, 2, 1) + bytes(8)
SLAB_3_IRREGULAR = struct.pack("<IIBBI", 2, 3, 0, 2, 1) + struct.pack("<H", 3) + bytes(12)


@pytest.mark.parametrize("selection", [ALL, NONE, POINTS, POINTS_2, SLAB, SLAB_2, SLAB_3, SLAB_3_IRREGULAR])
def test_every_selection_is_passed_over(selection: bytes) -> None:
    """The second entry is only found if the first one's selections were measured rightly."""
    entry = b"first.h5\0/a\0" + selection + ALL + b"second.h5\0/b\0" + ALL + selection

    assert sources(entry, count=2) == (("first.h5", "/a"), ("second.h5", "/b"))


@pytest.mark.parametrize(
    ("entry", "version", "count", "reason"),
    [
        (b"x", 0, 1, "without end"),
        (b"a\0b\0" + struct.pack("<II", 9, 1), 0, 1, "selection of kind 9"),
        (b"", 2, 1, "version 2"),
        (b"", 0, 1 << 40, "more than"),
        (b"\x01" + struct.pack("<Q", 5), 1, 1, "shares a name"),
    ],
)
def test_sources_that_cannot_be_read(entry: bytes, version: int, count: int, reason: str) -> None:
    """Each way a list can be broken has its reason."""
    with pytest.raises(Unread, match=reason):
        sources(entry.ljust(40, b"\x01"), version, count)


@pytest.mark.parametrize("version", VERSIONS)
def test_values_of_every_storage_are_counted(version: str) -> None:
    """Compact, contiguous, chunked and empty datasets, and one without any value."""

    def fill(file: h5py.File) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        h5py.h5d.create(file.id, b"compact", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((5,)), plist)
        file["contiguous"] = np.arange(7)
        file.create_dataset("chunked", data=np.arange(12), chunks=(4,))
        file.create_dataset("late", (9,), "f4")
        file.create_dataset("nothing", data=h5py.Empty("f4"))

    found = looked_at("x.h5", written(fill, version))

    assert (found.header.tensors, found.header.parameters, found.holes) == (5, 5 + 7 + 12 + 9, ())


def test_several_external_files_are_all_named() -> None:
    """A dataset may be spread over many files."""

    def fill(file: h5py.File) -> None:
        file.create_dataset("d", (30,), "u1", external=[(f"part {n}", 0, 10) for n in range(3)])

    assert [w[2] for w in words("x.h5", written(fill))] == ["part 0", "part 1", "part 2"]
