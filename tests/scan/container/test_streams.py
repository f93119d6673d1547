"""Compressed streams: what is in them, what is behind them, and what is wrong with them."""

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path

import joblib
import lz4.frame
import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.container.reading import read

from assaymark.inspection import HoleKind, Level
from assaymark.scan.part import Limits

PICKLE = b"\x80\x04]\x94(K\x01K\x02e."
WRITERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
}


@pytest.mark.parametrize("form", WRITERS)
def test_each_compressor_is_opened(form: str) -> None:
    """By content, whatever the name."""
    found = read(WRITERS[form](PICKLE * 50), "weights.dat")

    assert found.formats == [form]
    assert found.members == {"weights.dat": PICKLE * 50}
    assert found.hazards == found.holes == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/model.pkl.gz", "model.pkl"),
        ("x.tgz", "x.tar"),
        ("plain", "plain"),
        (".gz", ".gz"),
        ("z!/a.json.GZ", "a.json"),
    ],
)
def test_the_member_is_called_as_the_file_without_its_suffix(path: str, name: str) -> None:
    """So that what is inside can be told apart by name where content leaves it open."""
    assert read(gzip.compress(b"x"), path).names == [name]


@pytest.mark.parametrize("form", [f for f in WRITERS if f != "zlib" and f != "lzma"])
def test_several_streams_in_a_row_are_one(form: str) -> None:
    """As the compressors' own readers take them."""
    found = read(WRITERS[form](b"one") + WRITERS[form](PICKLE))

    assert list(found.members.values()) == [b"one" + PICKLE]
    assert found.hazards == found.holes == []


@pytest.mark.parametrize("form", [f for f in WRITERS if f != "zstd"])
def test_what_lies_behind_a_stream_is_seen(form: str) -> None:
    """Some readers stop, some go on; it is scanned."""
    found = read(WRITERS[form](b"x" * 99) + b"#" + PICKLE)

    assert found.rules == {"stream-trailing-data": Level.UNKNOWN}
    assert found.members["[after the stream]"] == b"#" + PICKLE


@pytest.mark.parametrize("form", WRITERS)
def test_a_stream_cut_off_is_a_hole(form: str) -> None:
    """What came out before is still looked at."""
    data = np.random.default_rng(1).bytes(9000)
    whole = WRITERS[form](data)
    found = read(whole[: len(whole) - 20])

    assert [h.kind for h in found.holes] == [HoleKind.BROKEN]
    assert next(iter(found.members.values())) == data[: len(next(iter(found.members.values())))]


@pytest.mark.parametrize("form", ["gzip", "zlib"])
def test_a_wrong_checksum_hides_nothing(form: str) -> None:
    """A loader that unpickles while it reads has run the stream before the checksum is compared."""
    whole = bytearray(WRITERS[form](PICKLE))
    whole[-6 if form == "gzip" else -1] ^= 1
    found = read(bytes(whole))

    assert found.members == {"model.bin": PICKLE}
    assert [(h.kind, h.reason) for h in found.holes] == [
        (HoleKind.BROKEN, "it cannot be decompressed (its checksum is wrong)")
    ]


def test_a_stream_read_twice_still_ends_where_it_ends() -> None:
    """Reading backwards through a large one begins anew and changes nothing of what lies behind it."""
    found = read(gzip.compress(bytes(40 << 20)), limits=Limits(held=1 << 20))

    assert found.hazards == found.holes == []


def test_gzip_headers_with_every_field_are_read() -> None:
    """Extra field, name, comment and checksum; a name without end is broken."""
    body = gzip.compress(PICKLE)[10:]
    head = b"\x1f\x8b\x08%c\0\0\0\0\0\xff"

    assert read(head % 31 + b"\3\0abcname\0comment\0\1\2" + body).members == {"model.bin": PICKLE}
    assert [h.kind for h in read(head % 8 + b"n" * 70_000).holes] == [HoleKind.BROKEN]


@pytest.mark.parametrize("compress", ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"])
def test_joblibs_compressors_are_opened(compress: str, tmp_path: Path) -> None:
    """With the file that joblib itself writes."""
    joblib.dump({"weights": np.arange(100.0)}, tmp_path / "m.joblib", compress=(compress, 3))
    found = read((tmp_path / "m.joblib").read_bytes(), "m.joblib")

    assert found.members["m.joblib"].startswith(b"\x80")
    assert found.hazards == found.holes == []


@pytest.mark.parametrize("blank", [b"", b" "])
def test_joblibs_old_files_are_opened(blank: bytes) -> None:
    """`ZF`, the length in hexadecimal, and a zlib stream behind 19 or 20 characters."""
    head = b"ZF" + hex(len(PICKLE)).ljust(19).encode() + blank
    found = read(head + zlib.compress(PICKLE), "m.pkl")

    assert found.formats == ["joblib-zf"]
    assert found.members == {"m.pkl": PICKLE}


def test_streams_in_streams_are_followed() -> None:
    """Three deep, with a tar inside."""
    found = read(gzip.compress(bz2.compress(lzma.compress(PICKLE))), "a.pkl.xz.bz2.gz")

    assert found.members["a.pkl.xz.bz2!/a.pkl.xz!/a.pkl"] == PICKLE


def test_text_that_begins_as_zlib_is_not_claimed() -> None:
    """Two bytes are no magic: what cannot be decompressed is no stream."""
    for data in (b"x^2 + y^2", b"x\x01hello", b"\x5d\0\0text", b"BZhello", b"xyz"):
        assert read(data).headers == []


def test_a_dictionary_beyond_the_bound_is_a_hole() -> None:
    """Asking for gigabytes of memory is refused by name."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 64 << 20}]
    small = bytearray(lzma.compress(b"x" * 100, filters=filters))
    alone = bytearray(lzma.compress(b"x" * 100, lzma.FORMAT_ALONE))
    alone[1:5] = (1 << 31).to_bytes(4, "little")
    params = zstandard.ZstdCompressionParameters(window_log=30, write_content_size=False)
    out = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=params).stream_writer(out, closefd=False) as writer:
        writer.write(b"x" * 100)

    assert read(bytes(small)).holes == []
    for data in (bytes(alone), out.getvalue()):
        assert [h.kind for h in read(data).holes] == [HoleKind.BOUND]


@settings(max_examples=150, deadline=None)
@given(
    form=st.sampled_from(sorted(WRITERS)),
    data=st.binary(max_size=300),
    at=st.integers(0, 400),
    to=st.binary(max_size=9),
)
def test_damage_never_raises(form: str, data: bytes, at: int, to: bytes) -> None:
    """Any bytes in the middle of a stream lead to an end."""
    whole = WRITERS[form](data)
    read(whole[:at] + to + whole[at + len(to) :])
