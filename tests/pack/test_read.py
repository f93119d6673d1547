"""The container: one narrow rule, and everything outside it refused with the member's name."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from tests.pack.forge import raw_zip
from tests.pack.supplier import real_pack

from assaymark.errors import UsageError
from assaymark.pack.format import BASIS, MANIFEST, REPORT, STATEMENT
from assaymark.pack.read import open_pack
from assaymark.pack.refused import CONTAINER, NotAPack, Refused

PLAIN = [(b"basis.json", b"{}"), (b"statement.dsse.json", b"{}")]


def opened(data: bytes, tmp_path: Path) -> tuple[str, ...]:
    """Names of the members of a pack with these bytes, its contents read once."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(data)
    with open_pack(path) as pack:
        pack.digests()
        return pack.names


def refused(data: bytes, tmp_path: Path, place: str, reason: str) -> None:
    """Assert that these bytes are refused at `place` with `reason`."""
    with pytest.raises(Refused) as caught:
        opened(data, tmp_path)

    assert (caught.value.place, reason in caught.value.reason) == (place, True), caught.value.message


def test_a_plain_container_is_read(tmp_path: Path) -> None:
    """What follows the rule is read, and so is a real pack."""
    assert opened(raw_zip(PLAIN), tmp_path) == (BASIS, STATEMENT)
    assert STATEMENT in opened(real_pack(), tmp_path)


def test_a_zip_bomb(tmp_path: Path) -> None:
    """A member that would expand is refused before a byte of it is read."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(REPORT, b"0" * 10_000_000)
        archive.writestr(STATEMENT, b"{}")

    refused(file.getvalue(), tmp_path, REPORT, "is compressed (method 8)")


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd",
        "/etc/passwd",
        "documents/../../x",
        "documents//x",
        "documents/./x",
        "documents\\x",
        "C:/x",
        "documents/con",
        "documents/Aux.md",
        "documents/x ",
        "documents/x.",
        "documents/a:b",
        "documents/a\nb",
        "documents/a\u202eb",
        "documents/" + "x" * 240,
        "report.json.exe",
        "sign-offs/me.json",
        "sign-offs/0123456789ABCDEF.dsse.json",
        "documents/",
        "",
    ],
)
def test_unfit_names(tmp_path: Path, name: str) -> None:
    """A name that leads out, that some system takes for another, or that no member has is refused."""
    refused(raw_zip([(name.encode(), b"x"), PLAIN[1]]), tmp_path, name, "has an unfit name")


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("documents/a", "documents/a", "stands in the pack twice"),
        ("documents/A", "documents/a", "is the same file as documents/A"),
        ("documents/e\u0301", "documents/\u00e9", "is not in Unicode's composed form"),
        ("documents/\u00c5", "documents/\u00e5", "is the same file as"),
        ("documents/ﬁ", "documents/FI", "is the same file as"),
        ("documents/a", "documents/a/b", "is the same file as"),
        ("documents/A", "documents/a/b", "is the same file as"),
    ],
)
def test_names_that_collide(tmp_path: Path, one: str, other: str, reason: str) -> None:
    """Two members that are one file on some system are refused: readers would see different packs."""
    rows = [(one.encode(), b"x"), (other.encode(), b"y"), PLAIN[1]]
    path = tmp_path / "one.assaypack"
    path.write_bytes(raw_zip(rows))

    with pytest.raises(Refused, match=reason):
        open_pack(path)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"flags": 0x1}, "is encrypted"),
        ({"flags": 0x8}, "only after its content"),
        ({"flags": 0x40}, "unknown flags"),
        ({"flags": 0x800}, "attributes that a pack's members never have"),
        ({"method": 12}, "is compressed (method 12)"),
        ({"time": 5}, "bears another time"),
        ({"day": 0x5000}, "bears another time"),
        ({"version": 45}, "attributes"),
        ({"packed": 1}, "is said to be 2 bytes long and 1 as stored"),
    ],
)
def test_fields_of_both_headers(tmp_path: Path, fields: dict[str, int], reason: str) -> None:
    """A header that allows a second reading is refused."""
    refused(raw_zip(PLAIN, local=fields, central=fields), tmp_path, BASIS, reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"comment": 0, "kind": 1}, "extra fields, a comment or attributes"),
        ({"disk": 3}, "extra fields, a comment or attributes"),
        ({"mode": 0o120777 << 16}, "is a link"),
        ({"mode": 0o040755 << 16}, "is a link, a folder"),
        ({"mode": 0o100755 << 16}, "attributes"),
        ({"made": 20}, "attributes"),
        ({"crc": 7}, "described otherwise before its content"),
        ({"offset": 3}, "overlap or leave gaps"),
        ({"offset": 0xFFFFFFFF}, "overlap or leave gaps"),
        ({"packed": 3, "size": 3}, "described otherwise before its content"),
    ],
)
def test_fields_of_the_directory(tmp_path: Path, fields: dict[str, int], reason: str) -> None:
    """What the directory says is what stands before the content."""
    refused(raw_zip(PLAIN, central=fields), tmp_path, BASIS, reason)


@pytest.mark.parametrize("size", [2**32 - 1, 2**31, 100 << 20])
def test_absurd_sizes(tmp_path: Path, size: int) -> None:
    """A size beyond the bounds is refused before memory is taken."""
    refused(
        raw_zip(PLAIN, central={"packed": size, "size": size}), tmp_path, BASIS, "the most that is read is"
    )


def test_a_manifest_has_its_own_bound(tmp_path: Path) -> None:
    """A manifest is a page or two."""
    rows = [(MANIFEST.encode(), b" " * 1_000_001), PLAIN[1]]

    refused(raw_zip(rows), tmp_path, MANIFEST, "the most that is read is 1,000,000")


def test_nothing_lies_outside_members(tmp_path: Path) -> None:
    """Bytes before, between or after members are refused."""
    refused(raw_zip(PLAIN, suffix=b"x"), tmp_path, CONTAINER, "its end was cut off, or something was added")
    refused(raw_zip(PLAIN, gap=b"hidden"), tmp_path, STATEMENT, "overlap or leave gaps")
    refused(raw_zip(PLAIN)[:-1], tmp_path, CONTAINER, "its end was cut off")


def test_a_polyglot_is_no_pack(tmp_path: Path) -> None:
    """A file that begins as something else is something else, whatever ZIP hides at its end."""
    with pytest.raises(NotAPack, match="does not begin as a ZIP file does"):
        opened(raw_zip(PLAIN, prefix=b"#!/bin/sh\n"), tmp_path)


def test_a_comment_at_the_end(tmp_path: Path) -> None:
    """The end record has no comment, in which a second directory could hide."""
    data = raw_zip(PLAIN)

    refused(data[:-2] + b"\x05\x00hello", tmp_path, CONTAINER, "its end was cut off, or something was added")
    refused(data[:-2] + b"\x05\x00", tmp_path, CONTAINER, "names a comment")


def test_members_stand_in_order(tmp_path: Path) -> None:
    """The same members give the same bytes, so they have one order."""
    refused(raw_zip([PLAIN[1], PLAIN[0]]), tmp_path, BASIS, "out of order")


def test_a_changed_content(tmp_path: Path) -> None:
    """Content that its checksum does not match is refused by name."""
    data = raw_zip([(b"basis.json", b"{12345}"), PLAIN[1]]).replace(b"{12345}", b"{12346}")

    refused(data, tmp_path, BASIS, "does not match its checksum")


def test_a_name_in_another_encoding(tmp_path: Path) -> None:
    """A name that is not UTF-8 is refused, and told so that a terminal survives it."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(raw_zip([(b"documents/\xff\x1b", b"x"), PLAIN[1]]))

    with pytest.raises(Refused, match="not in the encoding") as caught:
        open_pack(path)
    assert "\x1b" not in caught.value.message


def test_too_many_members(tmp_path: Path) -> None:
    """The number of members is bounded."""
    rows = [(b"documents/%05d" % n, b"") for n in range(16_400)]

    refused(raw_zip(rows), tmp_path, CONTAINER, "the most that is read is 16,384")


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", b"PK\x05\x06" + bytes(18), b"\x00" * 4096])
def test_what_is_no_pack(tmp_path: Path, data: bytes) -> None:
    """Anything else is told to be no pack, which is not a pack that does not verify."""
    with pytest.raises(NotAPack):
        opened(data, tmp_path)


def test_a_zip_without_a_statement(tmp_path: Path) -> None:
    """A ZIP file of the right form that holds no statement is no pack."""
    with pytest.raises(NotAPack, match="holds no statement"):
        opened(raw_zip(PLAIN[:1]), tmp_path)


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder or a pipe is no pack, and nothing waits for it; a missing file is a slip of the pen."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(NotAPack):
        open_pack(tmp_path)
    with pytest.raises(NotAPack):
        open_pack(tmp_path / "pipe")
    with pytest.raises(UsageError):
        open_pack(tmp_path / "missing")
    with pytest.raises(UsageError):
        open_pack(Path("a\0b"))


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    """A pack that is written to while it is read is not what was verified."""
    path = tmp_path / "one.assaypack"
    path.write_bytes(raw_zip(PLAIN))
    with open_pack(path) as pack:
        pack.unchanged()
        os.utime(path, ns=(1, 1))
        with pytest.raises(Refused, match="written to while it was read"):
            pack.unchanged()
        os.truncate(path, 30)
        with pytest.raises(Refused, match="cut off while it was read"):
            pack.read(BASIS)


def test_lines_are_bounded(tmp_path: Path) -> None:
    """A line without an end, or longer than any honest one, is refused at its number."""
    path = tmp_path / "one.assaypack"
    long = b"a\n" + b"x" * 200_000
    path.write_bytes(raw_zip([(b"ledger/entries.jsonl", b"a\nb"), (b"ledger/proofs.jsonl", long), PLAIN[1]]))
    with open_pack(path) as pack:
        with pytest.raises(Refused, match=r"entries.jsonl:2: does not end"):
            list(pack.lines("ledger/entries.jsonl"))
        with pytest.raises(Refused, match=r"proofs.jsonl:2: is longer"):
            list(pack.lines("ledger/proofs.jsonl"))
        with pytest.raises(Refused, match="is missing"):
            pack.read(REPORT)
