"""Zip archives as honest writers make them, and every trick that makes readers disagree."""

import io
import struct
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.container.reading import read, sample
from tests.scan.container.zips import Item, zipped

from assaymark.inspection import HoleKind, Level
from assaymark.scan.blob import BytesBlob
from assaymark.scan.container.zip_file import claims_zip
from assaymark.scan.part import Limits, Look

PICKLE = b"\x80\x04N."
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def written(method: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    """An archive by Python's zipfile."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def unseekable(**members: bytes) -> bytes:
    """An archive written to a stream, with sizes behind the data."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.out = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.out += data
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bytes(stream.out)


def calm(data: bytes) -> None:
    """Nothing but notes, and no hole."""
    found = read(data)
    assert [h for h in found.hazards if h.level is not Level.NOTE] == []
    assert found.holes == []


@pytest.mark.parametrize("method", METHODS)
def test_every_member_is_found_whatever_its_name(method: int) -> None:
    """Names and suffixes decide nothing; each way of packing that Python writes is read."""
    members = {
        "a/MODEL.PKL": PICKLE,
        "weights.txt": b"x" * 5000,
        "no_suffix": b"",
        "ä.bin": bytes(range(256)),
    }
    found = read(written(method, **members))

    assert found.members == members
    assert found.hazards == []
    assert found.holes == []
    assert found.formats == ["zip"]


def test_an_archive_written_to_a_stream_is_calm() -> None:
    """Sizes and checksum behind the data are how streams are written."""
    calm(unseekable(a=b"x" * 4000, b=b"", c=PICKLE))


def test_a_large_entry_with_zip64_fields_is_calm() -> None:
    """Python writes them when told that a member may become large."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(PICKLE)

    calm(out.getvalue())
    assert read(out.getvalue()).members == {"big": PICKLE}


def test_numpy_and_appended_archives_are_calm() -> None:
    """`savez`, and Python's append mode, which writes the directory anew."""
    out = io.BytesIO()
    np.savez_compressed(out, a=np.arange(3), b=np.eye(2))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("later.txt", "x")

    calm(out.getvalue())


@pytest.mark.parametrize("name", ["state.pt", "no_checksums.pt", "script.pt", "mobile.ptl", "export.pt2"])
def test_what_pytorch_writes_is_calm(name: str) -> None:
    """Nothing but a note that checksums were left out."""
    calm(sample(name))


def test_a_zipapp_is_a_note(tmp_path: Path) -> None:
    """A first line that names the interpreter is usual before an archive of a program."""
    import zipapp

    source = tmp_path / "app"
    source.mkdir()
    (source / "__main__.py").write_text("print(1)\n")
    zipapp.create_archive(source, tmp_path / "app.pyz", interpreter="/usr/bin/python3")
    found = read((tmp_path / "app.pyz").read_bytes())

    assert found.rules == {"zip-prepended-data": Level.NOTE}


TRICKS = {
    "two members of one name": (
        zipped(Item(b"data.pkl", b"one"), Item(b"data.pkl", b"two")),
        "archive-duplicate-entry", Level.DANGEROUS,
    ),
    "twice the same": (
        zipped(Item(b"a", b"one"), Item(b"a", b"one")),
        "archive-duplicate-entry", Level.NOTE,
    ),
    "names that differ in case": (
        zipped(Item(b"m/data.pkl", b"one"), Item(b"m/DATA.PKL", b"two")),
        "archive-ambiguous-name", Level.DANGEROUS,
    ),
    "names that differ in case, in no model": (
        zipped(Item(b"a.class", b"one"), Item(b"A.class", b"two")),
        "archive-ambiguous-name", Level.NOTE,
    ),
    "another name before the data": (
        zipped(Item(b"data.pkl", PICKLE, local_name=b"data.txt")),
        "zip-name-mismatch", Level.DANGEROUS,
    ),
    "another name in the extra field": (
        zipped(Item(b"data.pkl", PICKLE, extra=struct.pack("<HHBI", 0x7075, 9, 1, 0) + b"evil")),
        "zip-name-mismatch", Level.DANGEROUS,
    ),
    "another checksum before the data": (
        zipped(Item(b"a", PICKLE, local_crc=1)), "zip-header-mismatch", Level.DANGEROUS,
    ),
    "another size before the data": (
        zipped(Item(b"a", PICKLE, local_size=1)), "zip-header-mismatch", Level.DANGEROUS,
    ),
    "another method before the data": (
        zipped(Item(b"a", PICKLE, method=8, local_method=0)), "zip-header-mismatch", Level.DANGEROUS,
    ),
    "stored in more than it says": (
        zipped(Item(b"a", PICKLE, size=2, local_size=2)), "zip-header-mismatch", Level.DANGEROUS,
    ),
    "expands to more than it says": (
        zipped(Item(b"a", PICKLE * 9, method=8, size=3)), "zip-header-mismatch", Level.DANGEROUS,
    ),
    "a wrong checksum": (
        zipped(Item(b"a", PICKLE, crc=77)), "archive-wrong-checksum", Level.UNKNOWN,
    ),
    "a wrong checksum, packed": (
        zipped(Item(b"a", PICKLE, crc=77, method=8)), "archive-wrong-checksum", Level.UNKNOWN,
    ),
    "a flag that lies": (
        zipped(Item(b"a", PICKLE, flags=1)), "zip-lying-flag", Level.DANGEROUS,
    ),
    "a flag that lies, packed": (
        zipped(Item(b"a", b"x" * 99, flags=1, method=8)), "zip-lying-flag", Level.DANGEROUS,
    ),
    "a flag before the data only": (
        zipped(Item(b"a", PICKLE, local_flags=1)), "zip-lying-flag", Level.DANGEROUS,
    ),
    "an unlisted member": (
        zipped(Item(b"a", b"x"), Item(b"data.pkl", PICKLE, listed=False)),
        "zip-hidden-entry", Level.DANGEROUS,
    ),
    "bytes between members": (
        zipped(Item(b"a", b"x", behind=b"hidden"), Item(b"b", b"y")), "zip-gap", Level.UNKNOWN,
    ),
    "a folder with content": (
        zipped(Item(b"folder/", PICKLE)), "zip-gap", Level.UNKNOWN,
    ),
    "data before, offsets counted from it": (
        zipped(Item(b"a", b"x"), prefix=b"\x80\x04N."), "zip-prepended-data", Level.UNKNOWN,
    ),
    "data before, offsets as if it were not there": (
        b"\x80\x04N." + zipped(Item(b"a", b"x")), "zip-prepended-data", Level.UNKNOWN,
    ),
    "an archive before": (
        zipped(Item(b"first", PICKLE)) + zipped(Item(b"2nd", b"y" * 99)),
        "zip-several-directories", Level.DANGEROUS,
    ),
    "data behind": (
        zipped(Item(b"a", b"x")) + b"more", "zip-trailing-data", Level.UNKNOWN,
    ),
    "an absolute name": (zipped(Item(b"/etc/passwd", b"x")), "archive-path-escape", Level.DANGEROUS),
    "a name that climbs": (zipped(Item(b"a/../../b", b"x")), "archive-path-escape", Level.DANGEROUS),
    "a name with a drive": (zipped(Item(b"C:\\x", b"x")), "archive-path-escape", Level.DANGEROUS),
    "a name with NUL": (zipped(Item(b"a.txt\0.pkl", b"x")), "archive-odd-name", Level.DANGEROUS),
    "a name with control characters": (zipped(Item(b"a\x1b[2K", b"x")), "archive-odd-name", Level.UNKNOWN),
    "a name with backslashes": (zipped(Item(b"a\\b", b"x")), "archive-odd-name", Level.NOTE),
    "a link out": (
        zipped(Item(b"l", b"/etc/passwd", mode=0o120777)), "archive-link-escape", Level.DANGEROUS,
    ),
    "a link inside": (zipped(Item(b"l", b"other", mode=0o120777)), "archive-link", Level.NOTE),
    "fewer counted than listed": (
        zipped(Item(b"a", b"x"), Item(b"data.pkl", PICKLE), count=1), "zip-count-mismatch", Level.DANGEROUS,
    ),
    "a billion counted": (
        zipped(Item(b"a", b"x"), count=0xFFFE), "zip-count-mismatch", Level.DANGEROUS,
    ),
    "members that share bytes": (
        zipped(Item(b"a", b"x" * 50), Item(b"b", b"y" * 50, offset=0)), "zip-overlap", Level.DANGEROUS,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "rule", "level"), TRICKS.values(), ids=TRICKS)
def test_each_trick_is_named(data: bytes, rule: str, level: Level) -> None:
    """What makes readers disagree is a hazard, and what the members hold is seen all the same."""
    found = read(data)

    assert found.rules.get(rule) is level
    assert found.members or level is Level.DANGEROUS or rule == "archive-link"
    assert claims_zip(Look("x", data[:4096], BytesBlob("x", data)))


@pytest.mark.parametrize(
    "name",
    ["two members of one name", "names that differ in case", "fewer counted than listed",
     "an unlisted member", "an archive before", "data before, offsets counted from it", "a flag that lies",
     "a wrong checksum"],
)  # fmt: skip
def test_a_trick_hides_no_member(name: str) -> None:
    """Whatever a reader might load is among the members."""
    data = TRICKS[name][0]
    contents = [d for d in (PICKLE, b"one", b"two") if d in data[4:]]

    assert set(contents) <= set(read(data).members.values()) | {b"one"}


def test_an_archive_far_before_another_is_found() -> None:
    """Readers that begin at the beginning see the first, those that search from the end the second."""
    found = read(zipped(Item(b"first.pkl", PICKLE)) + zipped(Item(b"second", bytes(80_000))))

    assert found.rules["zip-hidden-entry"] is Level.DANGEROUS
    assert found.members["first.pkl"] == PICKLE


@pytest.mark.parametrize("method", [8, 0])
def test_headers_that_disagree_on_the_method_are_both_believed(method: int) -> None:
    """Python takes the directory's, a streaming reader the local header's."""
    data = zipped(Item(b"a", PICKLE, method=method, local_method=8 - method))
    found = read(data)

    assert found.rules["zip-header-mismatch"] is Level.DANGEROUS
    assert found.names == ["a", "a"]


def test_all_duplicates_are_read() -> None:
    """Both members of one name come out."""
    assert read(TRICKS["two members of one name"][0]).names == ["data.pkl", "data.pkl"]


def test_a_comment_that_holds_an_end_record_leads_to_both_directories() -> None:
    """Readers that search from the end and readers that check the comment's length see different members."""
    inner = zipped(Item(b"evil.pkl", PICKLE))
    outer = zipped(Item(b"good.txt", b"x"), comment=inner)
    found = read(outer)

    assert found.rules["zip-several-directories"] is Level.DANGEROUS
    assert set(found.members) >= {"evil.pkl", "good.txt"}


def test_directories_by_offset_and_by_size_are_both_read() -> None:
    """Some readers take the stated offset, some count back from the end record."""
    first = zipped(Item(b"first.pkl", PICKLE * 99))
    directory = first.index(b"PK\1\2")
    local = 30 + len(b"other.txt") + 5
    second = bytearray(first + zipped(Item(b"other.txt", b"xxxxx", offset=directory - local)))
    at = len(second) - 22  # the second end record points, by offset, at the first archive's directory
    second[at + 16 : at + 20] = struct.pack("<I", directory)
    found = read(bytes(second))

    assert found.rules["zip-several-directories"] is Level.DANGEROUS
    assert {"first.pkl", "other.txt"} <= set(found.members)


def test_bytes_behind_compressed_data_are_scanned() -> None:
    """What decompressing does not use may be used by something else."""
    from tests.scan.container.zips import pack

    data = b"x" * 100
    item = Item(b"a", pack(data) + PICKLE, method=0, local_method=8)
    raw = zipped(item)
    at = raw.index(b"PK\1\2")
    import zlib

    patched = bytearray(raw)
    patched[at + 10 : at + 12] = b"\x08\0"
    for start in (14, at + 16):
        patched[start : start + 4] = struct.pack("<I", zlib.crc32(data))
    for start in (22, at + 24):
        patched[start : start + 4] = struct.pack("<I", len(data))
    found = read(bytes(patched))

    assert found.rules == {"zip-gap": Level.UNKNOWN}
    assert found.members == {"a": data, "a[behind]": PICKLE}


def test_truly_encrypted_members_are_holes() -> None:
    """They cannot be read, so that the file is not clean."""
    empty = Item(b"b", bytes(12), flags=1, crc=0, size=0, local_size=0)
    data = zipped(Item(b"a", bytes(range(7, 90)), flags=1, crc=1, local_crc=1), empty)
    found = read(data)

    assert [h.kind for h in found.holes] == [HoleKind.ENCRYPTED, HoleKind.ENCRYPTED]
    assert found.rules == {}


@pytest.mark.parametrize(
    ("method", "kind"), [(9, HoleKind.UNSUPPORTED), (98, HoleKind.UNSUPPORTED), (99, HoleKind.ENCRYPTED)]
)
def test_methods_that_are_not_read_are_holes(method: int, kind: HoleKind) -> None:
    """One member that cannot be read keeps the whole from being clean, and stops no other."""
    found = read(zipped(Item(b"a", b"xx", method=method), Item(b"b", PICKLE)))

    assert [(h.kind, h.member) for h in found.holes] == [(kind, "a")]
    assert found.members == {"b": PICKLE}


def test_a_member_cut_off_is_a_hole() -> None:
    """And so are a member that is not where the directory says, and data that does not decompress."""
    assert [h.kind for h in read(zipped(Item(b"a", b"x", offset=9))).holes] == [HoleKind.BROKEN]
    broken = zipped(Item(b"a", b"x" * 999, method=8)).replace(
        bytes(zipped(Item(b"a", b"x" * 999, method=8))[31:35]), b"\xff\xff\xff\xff", 1
    )
    assert HoleKind.BROKEN in [h.kind for h in read(broken).holes]


def test_an_archive_without_a_directory_is_read_from_its_beginning() -> None:
    """A download that broke off still shows what a streaming reader would have loaded."""
    whole = written(a=PICKLE, b=b"x" * 300)
    found = read(whole[: whole.index(b"PK\1\2")])

    assert [h.kind for h in found.holes] == [HoleKind.BROKEN]
    assert found.members["a"] == PICKLE
    assert found.hazards == []


def test_hidden_members_may_be_packed_encrypted_or_unreadable() -> None:
    """Each is followed as far as it can be, and what follows it too."""
    packed = Item(b"packed", PICKLE * 30, method=8, listed=False)
    locked = Item(b"locked", bytes(range(9, 99)), flags=1, crc=5, local_crc=5, listed=False)
    strange = Item(b"strange", b"xx", method=97, listed=False)
    last = Item(b"last", PICKLE, listed=False)
    found = read(zipped(Item(b"a", b"x"), packed, locked, strange, last))

    assert {"packed": PICKLE * 30, "last": PICKLE}.items() <= found.members.items()
    assert [h.kind for h in found.holes] == [HoleKind.ENCRYPTED, HoleKind.UNSUPPORTED]


def test_a_hidden_member_of_unknown_size_ends_where_its_data_ends() -> None:
    """As it is written to a stream, its size behind it."""
    whole = unseekable(first=b"x" * 500, second=PICKLE)
    found = read(whole[: whole.index(b"PK\1\2")])

    assert found.members["first"] == b"x" * 500
    assert found.members["second"] == PICKLE


def test_a_signing_block_is_a_note() -> None:
    """Android puts one between members and directory."""
    found = read(zipped(Item(b"a", b"x", behind=b"signed" * 9 + b"APK Sig Block 42")))

    assert found.rules == {"zip-gap": Level.NOTE}


def test_the_header_of_zips_lzma_is_checked() -> None:
    """Two bytes of version, the length of the properties, the properties."""
    for data in (b"", b"\x09\x14\x05\0\xff\0\0\0\0x", b"\x09\x14\x07\0" + bytes(9)):
        found = read(zipped(Item(b"a", data, method=14, size=9, local_size=9)))
        assert [h.kind for h in found.holes] == [HoleKind.BROKEN]


def test_more_members_than_the_limit_is_a_hole() -> None:
    """The directory is read no further."""
    data = zipped(*(Item(f"{i}".encode(), b"x") for i in range(30)))
    found = read(data, limits=Limits(members=10))

    assert len(found.members) == 10
    assert HoleKind.BOUND in [h.kind for h in found.holes]


def test_the_tail_of_a_gzip_or_tar_is_not_taken_for_a_zip() -> None:
    """A zip as the last member of a tar is that member, and no second format of the file."""
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        inner = written(a=PICKLE)
        info = tarfile.TarInfo("inner.zip")
        info.size = len(inner)
        archive.addfile(info, io.BytesIO(inner))
    found = read(out.getvalue())

    assert found.formats == ["tar", "zip"]
    assert found.rules == {}


def test_plain_files_are_not_claimed() -> None:
    """Text and numbers are no archive, even where two letters of the mark occur."""
    for data in (b"hello PK world", b"", b"PK", bytes(5000), b"PK\5\6" + b"\xff" * 100):
        look = Look("x", data[:4096], BytesBlob("x", data))
        assert not claims_zip(look) or data.startswith(b"PK\5\6")


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    members=st.dictionaries(names, st.binary(max_size=3000), min_size=1, max_size=8),
    method=st.sampled_from(METHODS),
)
def test_every_archive_that_python_writes_round_trips(members: dict[str, bytes], method: int) -> None:
    """Each member comes out with its content, and no header contradicts another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
        names = archive.namelist()
    found = read(out.getvalue(), limits=Limits(depth=0))

    assert [n for n in found.names if "!/" not in n][: len(names)] == names
    assert not {h.rule for h in found.hazards} & {
        "zip-header-mismatch",
        "zip-name-mismatch",
        "zip-overlap",
        "zip-gap",
    }


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    """Any byte may be anything: the inspector ends, with whatever it found."""
    whole = bytearray(zipped(Item(b"a/data.pkl", PICKLE * 9, method=8), Item(b"b", b"x" * 40), comment=b"c"))
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)
    ):
        whole[at] = value
    read(bytes(whole))


def test_java_and_info_zip_write_calm_archives(tmp_path: Path) -> None:
    """What other writers make has at most notes; those at hand are asked."""
    import shutil

    (tmp_path / "a.txt").write_text("x" * 500)
    for tool, command in (
        ("zip", ["zip", "-q", "out.zip", "a.txt"]),
        ("jar", ["jar", "cf", "out.zip", "a.txt"]),
    ):
        (tmp_path / "out.zip").unlink(missing_ok=True)
        if shutil.which(tool):
            subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
            calm((tmp_path / "out.zip").read_bytes())
