"""7z archives by py7zr, in each way to pack, and headers that lie."""

import lzma
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.container.reading import read, sample

from assaymark.inspection import HoleKind, Level
from assaymark.scan.container import codecs
from assaymark.scan.container.seven_zip import _codec, _places
from assaymark.scan.container.seven_zip_header import (
    Archive,
    Coder,
    File,
    Folder,
    HeaderProblem,
    parse_header,
)
from assaymark.scan.part import Limits

CONTENT = {
    "model.pkl": b"\x80\x04N.",
    "notes.txt": b"hello" * 100,
    "program.exe": (b"\xe8\x10\x20\x00\x00" + b"x" * 7) * 40,
}


def plain(
    data: bytes = b"\x80\x04N.", name: str = "m.pkl", *, attributes: int = 0, crc: int | None = None
) -> bytes:
    """An archive with one stored file, byte by byte."""
    names = b"\0" + name.encode("utf-16-le") + b"\0\0"
    header = b"".join(
        (
            b"\1\4\6\0\1\x09", bytes([len(data)]), b"\0",  # one packed stream
            b"\7\x0b\1\0\1\1\0\x0c", bytes([len(data)]), b"\0\x08\x0a\1",  # one folder that copies
            struct.pack("<I", zlib.crc32(data) if crc is None else crc), b"\0\0",
            b"\5\1\x11", bytes([len(names)]), names,
            b"\x15\6\1\0" + struct.pack("<I", attributes), b"\0\0",
        )
    )  # fmt: skip
    start = struct.pack("<QQI", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + data + header


@pytest.mark.parametrize(
    "name", ["default", "lzma", "lzma_branched", "delta", "bzip2", "deflate", "copy", "zstd"]
)
def test_each_way_to_pack_is_read(name: str) -> None:
    """Solid blocks and branch filters too, to the last byte."""
    found = read(sample(f"{name}.7z"))

    assert found.members == CONTENT
    assert found.hazards == found.holes == []
    assert found.formats == ["7z"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ppmd", HoleKind.UNSUPPORTED), ("aes", HoleKind.ENCRYPTED), ("aes_header", HoleKind.ENCRYPTED)],
)
def test_what_is_not_read_is_a_hole(name: str, kind: HoleKind) -> None:
    """Encryption and rare methods are named; the file is not clean."""
    found = read(sample(f"{name}.7z"))

    assert found.members == {}
    assert [h.kind for h in found.holes] == [kind]


def test_an_archive_by_hand_is_read() -> None:
    """The smallest there is."""
    assert read(plain()).members == {"m.pkl": b"\x80\x04N."}


def test_a_branch_filter_without_an_end_mark_loses_no_byte() -> None:
    """7-Zip writes LZMA without one, and the filter keeps its last bytes back until it sees one."""
    data = (b"\xe8\x10\x20\x00\x00" + b"x" * 7) * 40 + b"\xe8\x01"
    filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    packed = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    for cut in range(1, 10):  # the mark takes some of the last bytes
        plain = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters[1:])
        if len(plain.decompress(packed[:-cut])) == len(data) and not plain.eof:
            break
    out = b"".join(codecs.unlzma_branched(iter([packed[:-cut]]), filters))

    assert cut < 9
    assert lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters).decompress(packed[:-cut]) != data
    assert out == data


def test_dictionaries_beyond_the_bound_and_broken_properties_are_refused() -> None:
    """Before any memory is asked for."""
    large = {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 31}
    for codec in (codecs.unlzma_raw, codecs.unlzma_branched):
        with pytest.raises(codecs.CodecError, match="MiB"):
            list(codec(iter([b""]), [large]))
    with pytest.raises(codecs.CodecError):
        codecs.lzma1(b"\xff\0\0\0\0")


@pytest.mark.parametrize(
    "coders",
    [
        [Coder(b"\3\1\1", b"\x5d")],
        [Coder(b"\x21", b"\xff")],
        [Coder(b"\x21", b"")],
        [Coder(b"\3\3\1\x1b", b"", 4, 1)],
        [Coder(b"\x99")],
        [Coder(b"\3", b"\0")],
        [Coder(b"\0"), Coder(b"\3\3\1\3")],
    ],
)
def test_coders_that_cannot_be_are_refused(coders: list[Coder]) -> None:
    """Each with a reason, none with a crash."""
    pairs = ((1, 0),) if len(coders) > 1 else ()
    with pytest.raises(ValueError, match=r"\w"):
        _codec(Folder(tuple(coders), pairs))


def test_coders_may_follow_one_another() -> None:
    """As a deflate of a bzip2, which nobody writes and the format allows."""
    import bz2

    folder = Folder((Coder(b"\4\2\2"), Coder(b"\4\1\x08")), ((0, 1),))
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = machine.compress(bz2.compress(b"content")) + machine.flush()

    assert b"".join(_codec(folder)(iter([packed]))) == b"content"


def test_thousands_of_folders_take_no_square_of_time() -> None:
    """Where each begins is added up once."""
    count = 20_000
    folders = tuple(Folder((Coder(b"\0"),), sizes=(1,)) for _ in range(count))
    archive = Archive(5, (1,) * count, folders, ())
    start = time.perf_counter()
    places = _places(archive)

    assert time.perf_counter() - start < 2
    assert (places[0], places[-1]) == ((37, 1), (37 + count - 1, 1))
    assert _places(Archive(0, (), folders[:1], ())) == [None]


def test_tricks_are_named() -> None:
    """Names that lead out, links, checksums, data behind the end."""
    link = (0o120777 << 16) | 0x8000

    assert read(plain(name="../x")).rules == {"archive-path-escape": Level.DANGEROUS}
    assert read(plain(b"/etc", attributes=link)).rules == {"archive-link-escape": Level.DANGEROUS}
    assert read(plain(crc=5)).rules == {"archive-wrong-checksum": Level.UNKNOWN}
    behind = read(plain() + b"\x80\x04N.")
    assert behind.rules == {"archive-trailing-data": Level.UNKNOWN}
    assert behind.members["[after the archive]"] == b"\x80\x04N."


def test_headers_that_lie_are_holes() -> None:
    """A wrong checksum, an end that comes early, a header of gigabytes, no packed stream."""
    whole = plain()
    bad_crc = bytearray(whole)
    bad_crc[-3] ^= 1
    long = bytearray(whole)
    long[20:28] = struct.pack("<Q", 1 << 40)
    for data in (bytes(bad_crc), whole[:-5], bytes(long), whole[:20]):
        assert [h.kind for h in read(data).holes] == [HoleKind.BROKEN]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\2",
        b"\1\4\6\0",
        b"\1\4\7\x0b\xff" + b"\xff" * 8,
        b"\1\5\xe0\xff\xff\xff",
        b"\1\4\7\x0b\1\1",
        b"\1\4\x33",
    ],
)
def test_counts_are_never_believed(header: bytes) -> None:
    """A header that counts what cannot be there ends at once."""
    with pytest.raises(HeaderProblem):
        parse_header(header, 1000)


def test_more_files_than_the_limit_is_a_hole() -> None:
    """The list is read no further."""
    assert [h.kind for h in read(sample("default.7z"), limits=Limits(members=2)).holes] == [HoleKind.BROKEN]


def test_a_folder_without_sizes_unpacks_to_nothing() -> None:
    """Its size is told by the coder whose output nothing uses."""
    assert Folder(()).size == 0
    assert File("x").folder == -1


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=5))
def test_damage_never_raises(changes: list[tuple[int, int]]) -> None:
    """Any byte of the header may be anything, with the checksum made right again."""
    data = bytearray(plain())
    for at, value in changes:
        data[32 + at % (len(data) - 32)] = value
    size = struct.unpack_from("<Q", data, 12)[0]
    data[28:32] = struct.pack("<I", zlib.crc32(data[32 + size :]))
    read(bytes(data))
