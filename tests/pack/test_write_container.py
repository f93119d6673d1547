"""The ZIP file of a pack: nothing in it varies, and a stranger's tools read it."""

import hashlib
import io
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assaymark.errors import AssaymarkError
from assaymark.pack.container import Container
from assaymark.pack.format import MAX_MEMBERS, MAX_NAME
from assaymark.pack.layout import layout
from assaymark.whole import written_whole

MEMBERS = {
    "basis.json": b"{}",
    "documents/empty": b"",
    "documents/Übung.md": b"text\n",
    "report.html": bytes(range(256)) * 40,
}


def packed(members: dict[str, bytes]) -> bytes:
    """A ZIP file with those members."""
    file = io.BytesIO()
    container = Container(file)
    for name, content in members.items():
        container.add(name, content)
    container.finish()
    return file.getvalue()


def test_pythons_reader_finds_what_was_written() -> None:
    """Names, contents and checksums, each member stored and of 1980."""
    with zipfile.ZipFile(io.BytesIO(packed(MEMBERS))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(i.extra, i.comment, i.external_attr >> 16) for i in archive.infolist()} == {
            (b"", b"", 0o100644)
        }


def test_our_reader_accepts_what_the_writer_writes() -> None:
    """The narrow rule of the reader is the writer's habit."""
    found = layout(io.BytesIO(packed(MEMBERS)))

    assert [(m.name, m.size) for m in found] == [(name, len(data)) for name, data in MEMBERS.items()]


def test_the_bytes_are_these() -> None:
    """Frozen: a change here is a new version of the format."""
    digest = hashlib.sha256(packed(MEMBERS)).hexdigest()

    assert digest == "ec4656a33d67db7ce2f47355f29ef37e7a44950e2f2edad3904ab5ace08c1a6e"


def test_content_in_pieces_is_the_same_content() -> None:
    """And its digest is told."""
    whole, pieces = io.BytesIO(), io.BytesIO()
    one, other = Container(whole), Container(pieces)

    assert one.add("a", b"abcdef") == other.add("a", iter([b"ab", b"", b"cdef"]))
    one.finish()
    other.finish()
    assert whole.getvalue() == pieces.getvalue()


def test_memory_does_not_grow_with_a_document(tmp_path: Path) -> None:
    """A hundred megabytes pass through a few."""

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(1 << 20)

    tracemalloc.start()
    try:
        with written_whole(tmp_path / "x.assaypack") as file:
            container = Container(file)
            written = container.add("documents/film.mp4", pieces())
            container.finish()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert written.size == 100 << 20
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "/root",
        "C:/x",
        "a\\b",
        "a//b",
        "a/./b",
        "",
        "nul",
        "docs/CON.txt",
        "com¹",
        "a:b",
        "what?",
        "line\nfeed",
        "bell\x07",
        "u\u0308",
        "right\u202eleft",
        "dot.",
        " space",
        "half\udc80",
        "x" * (MAX_NAME + 1),
    ],
)
def test_a_name_that_some_system_cannot_have_is_refused(name: str) -> None:
    """Whatever the receiver unpacks on."""
    with pytest.raises(AssaymarkError, match="cannot be in a pack"):
        Container(io.BytesIO()).add(name, b"")


@pytest.mark.parametrize("names", [("a", "a"), ("b", "a")])
def test_members_stand_in_the_order_of_their_names(names: tuple[str, str]) -> None:
    """Once each."""
    container = Container(io.BytesIO())
    container.add(names[0], b"")

    with pytest.raises(AssaymarkError, match="out of order"):
        container.add(names[1], b"")


@pytest.mark.parametrize("names", [("A", "a"), ("file", "file/below"), ("ﬁ", "fi"), ("STRASSE", "straße")])
def test_names_that_are_one_file_somewhere_are_refused(names: tuple[str, str]) -> None:
    """Case, compatible forms, a file that is a folder."""
    container = Container(io.BytesIO())
    for name in sorted(names):
        container.add(name, b"")

    with pytest.raises(AssaymarkError, match="one file on some systems"):
        container.finish()


def test_the_number_of_members_is_bounded() -> None:
    """With advice."""
    container = Container(io.BytesIO())
    for number in range(MAX_MEMBERS):
        container.add(f"{number:05}", b"")

    with pytest.raises(AssaymarkError, match="at most"):
        container.add("zz", b"")


def test_a_text_member_is_bounded() -> None:
    """What readers read whole stays below what they read."""
    with pytest.raises(AssaymarkError, match="longer than"):
        Container(io.BytesIO()).add("report.json", (bytes(1 << 20) for _ in range(65)))


def test_a_failed_writing_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """Neither half a file nor a temporary one."""
    place = tmp_path / "x.assaypack"
    place.write_bytes(b"old")

    with pytest.raises(ZeroDivisionError), written_whole(place) as file:
        file.write(bytes(1 // len(file.read())))

    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.assaypack", b"old")]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By name, with advice."""
    (tmp_path / "file").write_bytes(b"")

    with (
        pytest.raises(AssaymarkError, match="Could not write") as told,
        written_whole(tmp_path / "file" / "x"),
    ):
        pass

    assert told.value.advice


def test_nobody_may_read_it_whom_the_umask_keeps_out(tmp_path: Path) -> None:
    """A new file; one that is replaced keeps its mode."""
    code = (
        "import os, sys; from pathlib import Path; os.umask(0o077)\n"
        "from assaymark.whole import written_whole\n"
        "for name in sys.argv[1:]:\n"
        "    with written_whole(Path(name)) as file: file.write(b'x')"
    )
    (tmp_path / "old").touch(0o640)
    (tmp_path / "old").chmod(0o640)
    names = [str(tmp_path / name) for name in ("new", "old")]
    subprocess.run([sys.executable, "-c", code, *names], check=True, timeout=60)

    assert [Path(name).stat().st_mode & 0o777 for name in names] == [0o600, 0o640]
