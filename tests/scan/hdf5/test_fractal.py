"""Fractal heaps: objects in blocks, huge ones outside, tiny ones inside their id."""

import h5py
import numpy as np
import pytest
from tests.scan.hdf5.written import written
from tests.scan.looked_at import holes, looked_at

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.heaps import GlobalHeaps
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
