"""Tar archives."""

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.signing import entries
from assaymark.signing.backup import entries_of
from assaymark.signing.entries import BadBackup, Budget
from assaymark.signing.tar_stream import tar_entries

FILES = {
    "a": b"1",
    "empty": b"",
    "sub/" + "long" * 60 + "/f": b"x" * 5000,
    "block": b"y" * 1024,
    "模型": b"z" * 513,
}
Edit = Callable[[tarfile.TarInfo], object]


def archive(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, edit: Edit = lambda info: None) -> bytes:
    """A tar archive made by the standard library; `edit` may falsify each header."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            edit(info)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(data: bytes) -> dict[str, bytes | str]:
    """Name → content or fault."""
    found = tar_entries(io.BytesIO(data), Budget(len(data)))
    return {entry.name: entry.fault or b"".join(entry.chunks()) for entry in found}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_what_the_standard_library_writes_is_read(form: int) -> None:
    """Long names, other scripts, sizes around a block."""
    assert read(archive(FILES, form)) == FILES


def test_the_oldest_form_is_read() -> None:
    """With a name split over two fields."""
    files = {"d" * 120 + "/f": b"1", "./x": b"2"}
    assert read(archive(files, tarfile.USTAR_FORMAT)) == {"d" * 120 + "/f": b"1", "x": b"2"}


@given(
    st.dictionaries(
        st.text("ab/模", min_size=1, max_size=150).filter(lambda n: not n.endswith("/")),
        st.binary(max_size=1100),
        max_size=4,
    )
)
@settings(max_examples=50, deadline=None)
def test_any_names_and_contents_are_read(files: dict[str, bytes]) -> None:
    """As the standard library reads them."""
    data = archive(files)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        expected = {m.name.removeprefix("./"): tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    assert read(data) == expected


def test_content_need_not_be_read() -> None:
    """The next entry is found all the same, after none or a part."""
    source = tar_entries(io.BytesIO(archive(FILES)), Budget(0))
    names = []
    for entry in source:
        names.append(entry.name)
        if entry.name == "block":
            next(entry.chunks())
    assert names == list(FILES)


def test_links_devices_and_sparse_files_have_no_content() -> None:
    """Each says why; folders are passed over."""

    def kind(value: bytes) -> Edit:
        def edit(info: tarfile.TarInfo) -> None:
            info.type, info.size, info.linkname = value, 0, "/etc/passwd"

        return edit

    for value, reason in (
        (tarfile.SYMTYPE, "link"),
        (tarfile.LNKTYPE, "link"),
        (tarfile.FIFOTYPE, "no plain file"),
        (tarfile.CHRTYPE, "no plain file"),
    ):
        assert reason in str(read(archive({"a": b""}, edit=kind(value)))["a"])
    assert read(archive({"d": b""}, edit=kind(tarfile.DIRTYPE))) == {}

    def sparse(info: tarfile.TarInfo) -> None:
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "x"}

    assert "sparse" in str(read(archive({"a": b"12"}, edit=sparse))["a"])


def test_gnu_tar_is_read(tmp_path: Path) -> None:
    """The program itself: sparse files, hard links, owners, both forms."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "w").write_bytes(os.urandom(3000))
    os.link(folder / "w", folder / "x")
    with (folder / "holes").open("wb") as file:
        file.truncate(10_000_000)
        file.seek(5_000_000)
        file.write(b"x")
    (folder / "z").write_bytes(b"last")
    for form in ("gnu", "posix", "ustar"):
        out = tmp_path / f"{form}.tar"
        sparse = [] if form == "ustar" else ["--sparse"]
        subprocess.run(["tar", f"--format={form}", *sparse, "-cf", out, "."], cwd=folder, check=True)
        found = read(out.read_bytes())
        assert found["z"] == b"last"
        assert sum("link" in str(found[name]) for name in ("w", "x")) == 1
        assert form == "ustar" or any("sparse" in str(fault) for fault in found.values())


def test_a_name_outside_is_passed_on_as_it_is() -> None:
    """What to do with it is for the drill to say."""
    assert list(read(archive({"../x": b"", "/etc/y": b""}))) == ["../x", "/etc/y"]


def falsified(data: bytes, position: int, value: bytes) -> bytes:
    """`data` with bytes put into its first header, whose checksum is made to fit."""
    block = bytearray(data[:512])
    block[position : position + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block) + data[512:]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "middle of an entry"),
        (b"x" * 512, "checksum|number"),
        (archive({"a": b"1"})[:700], "middle of a file|middle of an entry"),
        (archive({"a": b"1"})[:1024], "middle of an entry"),
        (falsified(archive({"a": b"1"}), 124, b"zz"), "number"),
        (falsified(archive({"a": b"1"}), 124, b"\x80" + b"\xff" * 11), "middle of a file"),
        (falsified(archive({"a": b"1"}), 156, b"x"), "middle of an entry|malformed"),
        (falsified(falsified(archive({"a": b"1"}), 156, b"L"), 124, b"77777777777"), "longer than any"),
        (falsified(falsified(archive({"a": b"1"}), 156, b"x"), 124, b"77777777777"), "longer than any"),
    ],
    ids=range(9),
)
def test_a_damaged_archive_says_so(data: bytes, reason: str) -> None:
    """Truncated, false numbers, headers without end: nothing else is raised, nothing large is taken in."""
    with pytest.raises(BadBackup, match=reason):
        read(data)


@pytest.mark.parametrize(
    "record",
    [
        b"5 a\n",
        b"99 a=b\n",
        b"0 a=b\n",
        b"x a=b\n",
        b"-6 a=b\n",
        b"6 a=b ",
        b"11 size=\xc2\xb2\n",
        b"9 size=-1\n",
    ],
)
def test_a_malformed_extended_header_is_refused(record: bytes) -> None:
    """Lengths that do not fit, records without a key, sizes that are none."""
    head = falsified(archive({"a": b""})[:512], 156, b"x")
    head = falsified(head, 124, f"{len(record):011o}\0".encode())
    with pytest.raises(BadBackup):
        read(head + record.ljust(512, b"\0") + archive({"a": b""}))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_any_damage_is_told_or_harmless(position: int, noise: bytes) -> None:
    """Nothing but `BadBackup` is raised."""
    data = bytearray(archive({"a": b"1" * 600, "b" * 200: b"2"}))
    data[position : position + len(noise)] = noise
    try:
        read(bytes(data))
    except BadBackup:
        return


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What expands without measure, and what holds entries without end."""
    monkeypatch.setattr(entries, "_FREE_BYTES", 1 << 20)
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb") as out:
        out.write(archive({"zeros": bytes(30 << 20)}))
    with pytest.raises(BadBackup, match="200-fold"):
        [list(entry.chunks()) for entry in entries_of(path)]
    monkeypatch.setattr(entries, "_ENTRIES", 2)
    (tmp_path / "many.tar").write_bytes(archive({"a": b"", "b": b"", "c": b""}))
    with pytest.raises(BadBackup, match="more than 2 entries"):
        list(entries_of(tmp_path / "many.tar"))


def test_a_damaged_gzip_is_told(tmp_path: Path) -> None:
    """Cut short, or overwritten inside."""
    good = gzip.compress(archive({"a": os.urandom(5000)}))
    for number, bad in enumerate((good[:-100], good[:100] + b"xxxx" + good[104:], good[:3] + b"\xff" * 50)):
        path = tmp_path / str(number)
        path.write_bytes(bad)
        with pytest.raises(BadBackup):
            [list(entry.chunks()) for entry in entries_of(path)]
