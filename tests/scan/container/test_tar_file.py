"""Tar archives: what Python writes, in each format, and what was bent by hand."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.container.reading import read

from assaymark.inspection import HoleKind, Level
from assaymark.scan.part import Limits

PICKLE = b"\x80\x04N."
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def info(name: str, data: bytes = b"", **fields: object) -> tarfile.TarInfo:
    """A header with these fields."""
    made = tarfile.TarInfo(name)
    made.size = len(data)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def tarred(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive by Python's tarfile."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for header, data in members:
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


def file(name: str, data: bytes = PICKLE) -> tuple[tarfile.TarInfo, bytes]:
    """A regular file."""
    return info(name, data), data


@pytest.mark.parametrize("form", FORMATS)
def test_every_member_is_found(form: int) -> None:
    """In each format that Python writes, with names and sizes beyond the plain header."""
    long = "/".join(["folder"] * 14) + "/ä.bin"
    data = tarred(file("a.pkl"), file(long, b"x" * 1300), (info("d", type=tarfile.DIRTYPE), b""), form=form)
    found = read(data)

    assert found.members == {"a.pkl": PICKLE, long: b"x" * 1300}
    assert found.hazards == found.holes == []
    assert found.formats == ["tar"]


def test_the_oldest_format_is_recognised_by_its_checksum() -> None:
    """It has no magic."""
    data = bytearray(tarred(file("a.pkl"), form=tarfile.USTAR_FORMAT))
    data[257:512] = bytes(255)
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])

    assert read(bytes(data)).members == {"a.pkl": PICKLE}


def test_sparse_files_are_read_as_they_expand() -> None:
    """GNU's old way, with the map in the header."""
    header = bytearray(info("s", b"abcd").tobuf(tarfile.GNU_FORMAT))
    header[156] = ord("S")
    for at, value in ((386, 512), (398, 2), (410, 1024), (422, 2), (483, 1100)):
        header[at : at + 12] = b"%011o\0" % value
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    found = read(bytes(header) + b"abcd".ljust(512, b"\0") + bytes(1024))

    assert found.members["s"] == bytes(512) + b"ab" + bytes(510) + b"cd" + bytes(74)


def test_sparse_files_in_pax_headers_are_read() -> None:
    """Versions 0.1, with the map in the header, and 1.0, with the map before the data."""
    told = {"GNU.sparse.map": "4,2,9,1", "GNU.sparse.size": "12", "GNU.sparse.name": "zero"}
    new = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.realsize": "12",
        "GNU.sparse.name": "one",
    }
    packed = b"2\n4\n2\n9\n1\n".ljust(512, b"\0") + b"abc"
    data = tarred(
        (info("x", b"abc", pax_headers=told), b"abc"), (info("y", packed, pax_headers=new), packed), file("z")
    )
    expanded = bytes(4) + b"ab" + bytes(3) + b"c" + bytes(2)

    assert read(data).members == {"zero": expanded, "one": expanded, "z": PICKLE}


def test_the_map_of_an_old_sparse_file_may_go_on_behind_the_header() -> None:
    """Twenty-one pieces in each further block; one that is cut off is a hole."""
    header = bytearray(info("s", b"abcdef").tobuf(tarfile.GNU_FORMAT))
    header[156] = ord("S")
    for at, value in ((386, 0), (398, 2), (483, 40)):
        header[at : at + 12] = b"%011o\0" % value
    header[482] = 1
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    more = b"".join(b"%011o\0%011o\0" % pair for pair in ((10, 2), (20, 2))).ljust(512, b"\0")
    found = read(bytes(header) + more + b"abcdef".ljust(512, b"\0") + bytes(1024))

    assert found.members["s"] == b"ab" + bytes(8) + b"cd" + bytes(8) + b"ef" + bytes(18)
    assert [h.kind for h in read(bytes(header)).holes] == [HoleKind.BROKEN]


@pytest.mark.parametrize("size", ["9" * 5000, "-1", "1e9", "\u0663", ""])
def test_sizes_that_are_no_numbers_change_nothing(size: str) -> None:
    """Nor do they take the time of a number of five thousand digits."""
    data = tarred((info("a", PICKLE, pax_headers={"size": size, "GNU.sparse.x": size}), PICKLE))

    assert read(data).members == {"a": PICKLE}


def test_large_numbers_and_long_extensions() -> None:
    """Sizes in base 256, those that cannot be, and names of a mebibyte."""
    header = bytearray(info("a", b"x").tobuf(tarfile.GNU_FORMAT))

    def sized(field: bytes, kind: bytes = b"0") -> bytes:
        header[124:136], header[156:157] = field, kind
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        return bytes(header) + b"x".ljust(512, b"\0")

    assert read(sized(b"\x80" + (1).to_bytes(11, "big"))).members == {"a": b"x"}
    assert [h.kind for h in read(sized(b"\xff" * 12)).holes] == [HoleKind.BROKEN]
    assert [h.kind for h in read(sized(b"\x80\x7f" + b"\xff" * 10)).holes] == [HoleKind.BROKEN]
    assert [h.kind for h in read(sized(b"77777777777\0", b"L")).holes] == [HoleKind.BOUND]
    assert [h.kind for h in read(sized(b"00000000001\0", b"M")).holes] == [HoleKind.UNSUPPORTED]


def test_long_links_and_old_folders_are_read() -> None:
    """GNU's `K`, and a name that ends in a slash where there was no type yet."""
    target = "../" * 60 + "etc/passwd"
    long = tarred((info("l", type=tarfile.SYMTYPE, linkname=target), b""), form=tarfile.GNU_FORMAT)
    folder = info("d/", b"").tobuf(tarfile.USTAR_FORMAT)
    old = bytearray(folder)
    old[156] = 0
    old[148:156] = b"        "
    old[148:156] = b"%06o\0 " % sum(old)

    assert read(long).rules == {"archive-link-escape": Level.DANGEROUS}
    assert read(bytes(old) + tarred(file("d/a"))).members == {"d/a": PICKLE}


BENT = {
    "an absolute name": (tarred(file("/etc/passwd")), "archive-path-escape", Level.DANGEROUS),
    "a name that climbs": (tarred(file("../x")), "archive-path-escape", Level.DANGEROUS),
    "a symbolic link out": (
        tarred((info("l", type=tarfile.SYMTYPE, linkname="../../etc"), b"")),
        "archive-link-escape", Level.DANGEROUS,
    ),
    "a hard link out": (
        tarred((info("l", type=tarfile.LNKTYPE, linkname="/etc/passwd"), b"")),
        "archive-link-escape", Level.DANGEROUS,
    ),
    "a link inside": (
        tarred(file("a"), (info("d/l", type=tarfile.SYMTYPE, linkname="../a"), b"")),
        "archive-link", Level.NOTE,
    ),
    "written through a link out": (
        tarred((info("l", type=tarfile.SYMTYPE, linkname="/tmp"), b""), file("l/x")), "archive-link-escape",
        Level.DANGEROUS,
    ),
    "a device": (tarred((info("d", type=tarfile.CHRTYPE), b"")), "archive-device", Level.UNKNOWN),
    "a pipe": (tarred((info("d", type=tarfile.FIFOTYPE), b"")), "archive-device", Level.UNKNOWN),
    "twice the same name": (
        tarred(file("a", b"one"), file("./a", PICKLE)), "archive-duplicate-entry", Level.UNKNOWN,
    ),
    "behind the end": (
        tarred(file("a")) + tarred(file("evil.pkl")), "tar-after-end", Level.DANGEROUS,
    ),
    "bytes behind the end": (tarred(file("a")) + PICKLE, "tar-trailing-data", Level.UNKNOWN),
    "two sizes": (
        tarred((info("a", b"x" * 600, pax_headers={"size": "3"}), b"x" * 600)),
        "tar-two-sizes", Level.DANGEROUS,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "rule", "level"), BENT.values(), ids=BENT)
def test_each_trick_is_named(data: bytes, rule: str, level: Level) -> None:
    """What leaves the folder, hides, or makes readers disagree."""
    assert read(data).rules.get(rule) is level


def test_members_behind_the_end_are_read() -> None:
    """And so is what is no member there."""
    assert "evil.pkl" in read(BENT["behind the end"][0]).members
    assert read(BENT["bytes behind the end"][0]).members["[after the archive]"] == PICKLE


def test_a_link_with_content_does_not_move_what_follows() -> None:
    """Readers differ on whether a link has data; Python's goes on right behind the header."""
    header = info("l", b"x" * 512, type=tarfile.LNKTYPE, linkname="a")
    found = read(header.tobuf(tarfile.USTAR_FORMAT) + tarred(file("b")))

    assert found.rules["tar-two-sizes"] is Level.DANGEROUS
    assert found.members == {"b": PICKLE}


def test_a_root_file_system_may_have_absolute_links() -> None:
    """As the layers of every image do."""
    data = tarred(
        file("etc/hostname", b"x"), file("usr/bin/python3", b"x"),
        (info("etc/mtab", type=tarfile.SYMTYPE, linkname="/proc/mounts"), b""),
    )  # fmt: skip

    assert read(data).rules == {"archive-link": Level.NOTE}


def test_a_broken_header_is_a_hole() -> None:
    """What came before it is read."""
    data = bytearray(tarred(file("a"), file("b")))
    data[1024 + 5] ^= 1
    found = read(bytes(data))

    assert found.members == {"a": PICKLE}
    assert [h.kind for h in found.holes] == [HoleKind.BROKEN]


def test_a_member_cut_off_is_a_hole() -> None:
    """The bytes that are missing are counted."""
    found = read(tarred(file("a", b"x" * 5000))[:1000])

    assert [(h.kind, h.size) for h in found.holes] == [(HoleKind.BROKEN, 4512)]
    packed = read(gzip.compress(tarred(file("a", b"x" * 5000))[:1000]))
    assert [h.kind for h in packed.holes] == [HoleKind.BROKEN]


def test_more_members_than_the_limit_is_a_hole() -> None:
    """The archive is read no further."""
    found = read(tarred(*(file(f"{i}") for i in range(30))), limits=Limits(members=10))

    assert len(found.members) == 10
    assert [h.kind for h in found.holes] == [HoleKind.BOUND]


def test_torch_and_nemo_archives_are_told_apart() -> None:
    """By the names of their first members."""
    torch = tarred(*(file(n) for n in ("sys_info", "pickle", "storages", "tensors")))
    nemo = tarred(file("./model_config.yaml", b"target: x\n"), file("./model_weights.ckpt"))

    assert read(torch).formats[0] == "torch-tar"
    assert read(nemo).formats[0] == "nemo"


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=150)


@settings(max_examples=60, deadline=None)
@given(
    members=st.dictionaries(names, st.binary(min_size=1, max_size=1500), min_size=1, max_size=6),
    form=st.sampled_from((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)),
)
def test_every_archive_that_python_writes_round_trips(members: dict[str, bytes], form: int) -> None:
    """Each member comes out under its name, with its content."""
    data = tarred(*(file(n, d) for n, d in members.items()), form=form)
    found = read(data, limits=Limits(depth=0))

    assert {n: d for n, d in found.members.items() if n in members} == members


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), max_size=5))
def test_damage_never_raises(changes: list[tuple[int, int]]) -> None:
    """Any byte may be anything, with the checksum made right again."""
    data = bytearray(tarred(file("n" * 120, b"x" * 700), file("b"), form=tarfile.GNU_FORMAT))
    for at, value in changes:
        data[at] = value
    for at in range(0, 4096, 512):
        if data[at + 257 : at + 262] == b"ustar":
            data[at + 148 : at + 156] = b"        "
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    read(bytes(data))
