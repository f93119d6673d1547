"""Superblocks: every version, odd sizes, and files that are one of several."""

import io

import h5py
import pytest
from tests.scan.hdf5.written import VERSIONS, written
from tests.scan.looked_at import holes, looked_at, verdict

from assaymark.scan.blob import BytesBlob
from assaymark.scan.hdf5.superblock import SIGNATURE, read_superblock


@pytest.mark.parametrize(("version", "number"), list(zip(VERSIONS, (0, 0, 3, 3, 3), strict=True)))
def test_versions_that_h5py_writes(version: str, number: int) -> None:
    """The version, and that the file ends where it says."""
    content = written(lambda f: f.create_group("g"), version)
    superblock = read_superblock(BytesBlob("x", content))[1]

    assert superblock.version in {number, 2}
    assert superblock.end == len(content)


@pytest.mark.parametrize("sizes", [(4, 4), (4, 8), (8, 4), (2, 2)])
def test_short_addresses_are_read(sizes: tuple[int, int]) -> None:
    """Addresses and lengths need not be eight bytes wide."""
    created = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    created.set_sizes(*sizes)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    raw = h5py.h5f.create(b"x", h5py.h5f.ACC_TRUNC, fcpl=created, fapl=access)
    with h5py.File(raw) as file:
        file.attrs["text"] = "x"
        file["away"] = h5py.ExternalLink("o.h5", "/x")
        file.flush()
        content = raw.get_file_image()

    found = looked_at("x.h5", content)

    assert [h.subject for h in found.hazards] == ["o.h5:/x"]
    assert found.holes == ()


@pytest.mark.parametrize(
    ("position", "value", "reason"),
    [(8, 9, "superblock version 9"), (13, 3, "addresses of 3"), (24, 77, "base address")],
)
def test_a_superblock_that_makes_no_sense_is_a_gap(position: int, value: int, reason: str) -> None:
    """Each field that decides how the rest is read is checked."""
    content = bytearray(written(lambda f: f.create_group("g"), "earliest"))
    content[position] = value

    assert reason in holes("x.h5", bytes(content))[0].reason


def test_no_signature_is_no_hdf5() -> None:
    """Bytes that only look alike are nobody's."""
    assert verdict("x.h5", b"\x89HDX\r\n\x1a\n" + bytes(2_000)) == "nothing"
    assert verdict("x.h5", SIGNATURE) == "inconclusive"


def test_a_signature_later_on_counts() -> None:
    """Readers look at 512, 1,024 and so on, and so does the scan."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=2048) as file:
        file["away"] = h5py.ExternalLink("o.h5", "/x")

    assert verdict("x.bin", b"prefix" + buffer.getvalue()[6:]) == "dangerous"
