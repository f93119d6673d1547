"""Fractal heaps: objects in blocks, huge ones outside, tiny ones inside their id."""

import struct

import h5py
import numpy as np
import pytest
from tests.scan.hdf5.written import written
from tests.scan.looked_at import holes, looked_at

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.fractal import FractalHeap
from assaymark.scan.hdf5.heaps import GlobalHeaps
from assaymark.scan.hdf5.source import Source, Unread
from assaymark.scan.hdf5.superblock import read_superblock
from assaymark.scan.hdf5.walk import Told, walk


def attributes(content: bytes) -> dict[str, bytes]:
    """Name → raw value of every attribute that the walk finds."""
    source, superblock = read_superblock(BytesBlob("x.h5", content))
    found = walk(source, GlobalHeaps(source), superblock)
    return {f.attribute.name: f.attribute.data for f in found if isinstance(f, Told)}


@pytest.mark.parametrize("count", [1, 9, 100, 3_000])
def test_every_attribute_is_found(count: int) -> None:
    """From one direct block to indirect ones: each attribute comes back with its value."""

    def fill(file: h5py.File) -> None:
        for number in range(count):
            file.attrs[f"attribute {number}"] = np.int64(number)

    found = attributes(written(fill))

    assert found == {f"attribute {n}": n.to_bytes(8, "little") for n in range(count)}


def test_a_huge_attribute_is_found() -> None:
    """More than 64 KiB do not fit into a block."""

    def fill(file: h5py.File) -> None:
        file.attrs.create("huge", np.bytes_(b"z" * 200_000))

    assert attributes(written(fill)) == {"huge": b"z" * 200_000}


def test_a_dense_group_gives_every_link() -> None:
    """Links of very different lengths, some longer than a block."""
    names = [f"link {n} " + "x" * (n % 7 * 700) for n in range(400)]

    def fill(file: h5py.File) -> None:
        for name in names:
            file[name] = h5py.SoftLink("/" + name)
        file["away"] = h5py.ExternalLink("o.h5", "/x")

    found = looked_at("x.h5", written(fill))

    assert [h.subject for h in found.hazards] == ["o.h5:/x"]
    assert found.holes == ()


def test_sizes_that_make_no_sense_are_a_gap() -> None:
    """A heap whose block sizes are no powers of two is not followed."""

    def fill(file: h5py.File) -> None:
        for number in range(20):
            file.attrs[f"attribute {number}"] = number

    content = bytearray(written(fill))
    content[content.index(b"FRHP") + 110] = 3  # columns of the doubling table

    assert any("sizes make no sense" in h.reason for h in holes("x.h5", bytes(content)))


def heap(**changes: int) -> FractalHeap:
    """A heap whose header has these fields, and no blocks."""
    told = {"id_length": 8, "filters": 0, "most": 4096, "huge": 0, "direct": 65536, "bits": 32} | changes
    header = b"FRHP\0" + struct.pack("<HHBI", told["id_length"], told["filters"], 0, told["most"]) + bytes(8)
    header += struct.pack("<Q", told["huge"]) + bytes(16 + 64)
    header += struct.pack("<HQQHHQH", 4, 512, told["direct"], told["bits"], 1, 0, 1)
    return FractalHeap(Source(BytesBlob("x", header.ljust(4096, b"\0"))), 0)


def test_tiny_objects_lie_in_their_id() -> None:
    """Their length is in the id's first byte, or in two if the id is long."""
    assert heap().get(b"\x22abc\0\0\0\0") == b"abc"
    assert heap(id_length=20).get(b"\x20\x02abc" + bytes(15)) == b"abc"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"filters": 3}, "filters"), ({"direct": 100}, "no sense"), ({"bits": 65}, "no sense")],
)
def test_heaps_that_are_not_read(changes: dict[str, int], reason: str) -> None:
    """Filtered heaps and absurd sizes have their reasons."""
    with pytest.raises(Unread, match=reason):
        heap(**changes)


def test_ids_that_lead_nowhere() -> None:
    """A huge object that is not indexed, a direct one outside the file, an offset beyond the heap."""
    with pytest.raises(Unread):
        heap().get(b"\x10" + bytes(7))
    with pytest.raises(Unread, match="outside the file"):
        heap(id_length=17).get(b"\x10" + (1 << 40).to_bytes(8, "little") + (8).to_bytes(8, "little"))
    with pytest.raises(Unread, match="more than"):
        heap(id_length=17).get(b"\x10" + bytes(8) + (1 << 40).to_bytes(8, "little"))
    with pytest.raises(Unread, match="outside its heap"):
        heap().get(b"\x00\xff\xff\xff\xff\x01\0\0")
    with pytest.raises(Unread, match="no FHIB"):
        heap().get(b"\x00\x00\x00\x00\x00\x01\0\0")
