"""Files made to burst: each ends soon, in little memory, with a hole that names the bound."""

import gzip
import io
import lzma
import struct
import tarfile
import time
import tracemalloc
import zlib

import pytest
from tests.scan.container.reading import Read, read
from tests.scan.container.zips import Item, zipped

from assaymark.inspection import HoleKind, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.container.zip_file import inspect_zip
from assaymark.scan.inspect import inspect_blob
from assaymark.scan.part import LIMITS, Limits, Member

SMALL = Limits(expanded=200 << 20, held=4 << 20)
"""The same bounds, lower, so that the tests take no minute."""


def bounded(data: bytes, *, limits: Limits = SMALL, seconds: float = 30, memory: int = 80 << 20) -> Read:
    """What is read of it, within these bounds."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        found = read(data, limits=limits)
        taken, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < seconds
    assert peak < memory
    return found


def zeros(mebibytes: int, wbits: int) -> bytes:
    """So many of them, packed."""
    machine = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(machine.compress(bytes(1 << 20)) for _ in range(mebibytes)) + machine.flush()


class Zeros:
    """A blob of a given size that holds nothing but zeros, save for some bytes."""

    def __init__(self, size: int, parts: dict[int, bytes]) -> None:
        self.path, self.size, self.sha256 = "large.pt", size, ""
        self._parts = parts
        self.fetched = 0

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """Zeros, and the parts that lie there."""
        end = self.size if length < 0 else min(self.size, offset + length)
        out = bytearray(max(0, end - offset))
        self.fetched += len(out)
        for at, data in self._parts.items():
            low, high = max(at, offset), min(at + len(data), end)
            if low < high:
                out[low - offset : high - offset] = data[low - at : high - at]
        return bytes(out)


def test_a_gzip_of_zeros_without_end_is_a_hole() -> None:
    """It is expanded to the bound and no further."""
    found = bounded(zeros(400, 31))

    assert [h.kind for h in found.holes] == [HoleKind.BOUND]


def test_xz_and_bzip2_of_zeros_are_holes_by_their_ratio() -> None:
    """Long before the sum of all."""
    import bz2

    for data in (lzma.compress(bytes(150 << 20), preset=0), bz2.compress(bytes(100 << 20), 9)):
        assert [h.kind for h in bounded(data).holes] == [HoleKind.BOUND]


def test_overlapping_members_are_a_hazard_and_end() -> None:
    """The famous bomb lists the same bytes under thousands of names."""
    packed = zeros(8, -15)
    item = Item(b"0", packed, method=0)
    whole = zipped(item, *(Item(f"{i}".encode(), b"", offset=0) for i in range(1, 300)))
    data = bytearray(whole)
    at = data.index(b"PK\1\2")
    data[8:10] = b"\x08\0"
    while data[at : at + 4] == b"PK\1\2":
        data[at + 10 : at + 12] = b"\x08\0"
        data[at + 20 : at + 28] = struct.pack("<II", len(packed), 8 << 20)
        at += 46 + struct.unpack_from("<H", data, at + 28)[0]
    found = bounded(bytes(data))

    assert found.rules["zip-overlap"] is Level.DANGEROUS
    assert found.rules["zip-name-mismatch"] is Level.DANGEROUS


def test_zips_in_zips_end_at_the_depth() -> None:
    """However small each is."""
    data = b"x"
    for _ in range(40):
        data = zipped(Item(b"a.zip", data, method=8))
    found = inspect_blob(BytesBlob("x.zip", data))

    assert found is not None
    assert [h.kind for h in found.holes] == [HoleKind.BOUND]


def test_streams_in_streams_hold_half_as_much_each() -> None:
    """So that depth does not multiply memory."""
    data = zeros(64, 31)
    for _ in range(6):
        data = gzip.compress(data, 1)
    found = bounded(data, limits=Limits(expanded=200 << 20, held=8 << 20), memory=60 << 20)

    assert found.names[-1].count("!/") == 6


def test_a_million_members_of_a_tar_end_at_the_limit() -> None:
    """In a stream, where each header is 512 bytes."""
    header = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    machine = zlib.compressobj(1, zlib.DEFLATED, 31)
    data = b"".join(machine.compress(header * 1000) for _ in range(100)) + machine.flush()
    found = bounded(data, limits=Limits(members=2000))

    assert HoleKind.BOUND in [h.kind for h in found.holes]


def test_extended_headers_without_a_member_end_at_a_bound() -> None:
    """They cost time and count for nothing."""
    header = tarfile.TarInfo("x")
    header.type = b"g"
    block = header.tobuf(tarfile.USTAR_FORMAT)
    machine = zlib.compressobj(1, zlib.DEFLATED, 31)
    data = b"".join(machine.compress(block * 1000) for _ in range(60)) + machine.flush()

    assert HoleKind.BOUND in [h.kind for h in bounded(data).holes]


def test_a_directory_of_a_hundred_thousand_members_ends_at_the_limit() -> None:
    """It is read no further than the members that may be inspected."""
    data = zipped(*(Item(b"%d" % i) for i in range(100_000)))
    found = bounded(data, limits=Limits(members=5000))

    assert HoleKind.BOUND in [h.kind for h in found.holes]
    assert len(found.names) == 5000


def test_a_pytorch_file_of_two_gigabytes_costs_its_directory() -> None:
    """Its storages are not read, and what they are is said."""
    size = 2 << 30
    local = (
        struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, size, size, len(b"m/data/0"), 0) + b"m/data/0"
    )
    rest = zipped(Item(b"m/data.pkl", b"\x80\x04N."), shift=len(local) + size)
    at = rest.index(b"PK\1\2")
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, size, size, len(b"m/data/0"), 0, 0, 0, 0, 0, 0
    ) + b"m/data/0"  # fmt: skip
    end = bytearray(rest[-22:])
    end[8:12] = struct.pack("<HH", 2, 2)
    end[12:16] = struct.pack("<I", len(rest) - at - 22 + len(entry))
    tail = rest[:at] + entry + rest[at:-22] + bytes(end)
    blob = Zeros(len(local) + size + len(tail), {0: local, len(local) + size: tail})
    start = time.perf_counter()
    found = read(blob)

    assert time.perf_counter() - start < 1
    assert blob.fetched < 1 << 20
    assert found.headers[0].format == "torch-zip"
    assert found.names == ["m/data.pkl"]
    assert found.hazards == found.holes == []
    assert sum(c.data for c in found.covered) == size


def test_a_member_that_nobody_reads_costs_its_head() -> None:
    """A large packed file is not expanded for its checksum alone."""
    data = zipped(Item(b"a", bytes(40 << 20), method=8))
    members = [p for p in inspect_zip(BytesBlob("x", data), LIMITS) if isinstance(p, Member)]

    assert members[0].blob.seen == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "data", [b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh91AY&SY", b"ZF0x"]
)
def test_mere_beginnings_end(data: bytes) -> None:
    """Padded to a size at which something might be read."""
    for length in (0, 30, 600):
        read(data + bytes(length))


def test_a_sparse_file_of_a_petabyte_costs_nothing() -> None:
    """Its zeros are made when they are read, sixteen MiB at a time."""
    out = io.BytesIO()
    info = tarfile.TarInfo("x")
    info.size = 1
    info.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 50), "GNU.sparse.name": "s"}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"x"))

    found = bounded(out.getvalue())

    assert len(found.members["s"]) == 1 << 16
    assert [h.kind for h in found.holes] == [HoleKind.BOUND]


def test_stored_members_that_lie_in_each_other_are_read_once() -> None:
    """A chain of members, each of which holds all that follow, is no longer than the archive."""
    inner = b"x" * 1000
    chain, offsets = b"", []
    for number in range(50):
        body = zipped(Item(b"%02d" % (49 - number), chain or inner))
        chain = body[: body.index(b"PK\1\2", len(chain or inner))]
        offsets.append(len(chain))
    items = [Item(b"%02d" % i, offset=len(chain) - offsets[49 - i]) for i in range(50)]
    sizes = [offsets[49 - i] - 32 for i in range(50)]
    directory = bytearray(zipped(*items)[50 * 32 :])
    at = 0
    for size in sizes:
        directory[at + 20 : at + 28] = struct.pack("<II", size, size)
        at += 48
    directory[-6:-2] = struct.pack("<I", len(chain))
    found = bounded(chain + bytes(directory), limits=Limits(depth=0))

    assert found.rules["zip-overlap"] is Level.DANGEROUS
    assert HoleKind.BOUND in [h.kind for h in found.holes]
    assert sum(len(d) for d in found.members.values()) <= len(chain)
