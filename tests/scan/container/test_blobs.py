"""Slices, pieces and bounded streams."""

import gzip
import hashlib
import zlib

import pytest

from assaymark.inspection import HoleKind
from assaymark.scan.blob import BytesBlob
from assaymark.scan.container import codecs, deflate
from assaymark.scan.container.blobs import (
    RESTARTS,
    Allowance,
    PiecesBlob,
    SliceBlob,
    StreamBlob,
    allowance_of,
)
from assaymark.scan.part import LIMITS, Limits

DATA = bytes(range(256)) * 16_000


def stream(data: bytes = DATA, *, limits: Limits = LIMITS, size: int | None = None) -> StreamBlob:
    """What a gzip of the data expands to."""
    packed = gzip.compress(data, 1)
    return StreamBlob(
        "x", deflate.gunzip, BytesBlob("p", packed), limits=limits, allowance=Allowance(limits), size=size
    )


def test_a_slice_reads_its_own_bytes_only() -> None:
    """Neither before it nor behind it, nor beyond the parent's end."""
    blob = SliceBlob(BytesBlob("p", b"0123456789"), 2, 5, "p!/s")

    assert (blob.read(), blob.read(1, 2), blob.read(4, 99), blob.read(5, 1), blob.read(-1, 3)) == (
        b"23456", b"34", b"6", b"", b"",
    )  # fmt: skip
    assert SliceBlob(BytesBlob("p", b"0123"), 2, 50, "s").size == 2
    assert SliceBlob(BytesBlob("p", b"0123"), 9, 50, "s").size == 0
    assert blob.sha256 == hashlib.sha256(b"23456").hexdigest()


def test_pieces_have_zeros_between_them() -> None:
    """As a sparse file does when it is read."""
    blob = PiecesBlob(BytesBlob("p", b"abcdef"), [(2, 2, 0), (6, 3, 2)], 11, "s")

    assert blob.read() == b"\0\0ab\0\0cde\0\0"
    assert blob.read(3, 4) == b"b\0\0c"
    assert blob.sha256 == hashlib.sha256(blob.read()).hexdigest()
    assert len(PiecesBlob(BytesBlob("p", b""), [], 1 << 50, "s").read()) == 16 << 20


def test_a_stream_is_read_anywhere() -> None:
    """Forwards, backwards, across its end; its size is counted if nobody says it."""
    blob = stream()

    assert blob.read(1000, 10) == DATA[1000:1010]
    assert blob.read(len(DATA) - 5, 50) == DATA[-5:]
    assert blob.read(3, 4) == DATA[3:7]
    assert blob.size == len(DATA)
    assert blob.problem == ""
    assert blob.sha256 == hashlib.sha256(DATA).hexdigest()
    assert blob.read(len(DATA) + 5, 5) == b""


def test_a_stream_longer_than_may_be_held_goes_through_a_window() -> None:
    """What lies far behind is expanded again, and not too often."""
    blob = stream(limits=Limits(held=1 << 20))
    end = len(DATA) - 10

    assert len(blob.read()) == 1 << 20
    for _ in range(RESTARTS):
        assert blob.read(end, 10) == DATA[end:]
        assert blob.read(200_000, 8) == DATA[200_000:200_008]
    blob.read(end, 10)
    assert blob.read(200_000, 8) == b""
    assert (blob.kind, blob.problem) == (
        HoleKind.BOUND, f"it would have to be decompressed more than {RESTARTS} times",
    )  # fmt: skip


def test_its_first_bytes_are_always_at_hand() -> None:
    """Every inspector asks for them: they cost no second pass."""
    blob = stream(limits=Limits(held=1 << 20))
    assert blob.size == len(DATA)
    for _ in range(RESTARTS * 2):
        assert blob.read(0, 4096) == DATA[:4096]
    assert blob.problem == ""


def test_its_checksum_is_kept_where_a_size_is_declared() -> None:
    """The container may declare a checksum as well."""
    blob = stream(size=len(DATA))
    blob.drain(1 << 30)

    assert (blob.crc, blob.ended) == (zlib.crc32(DATA), True)


def test_what_it_used_is_told_once_and_for_all() -> None:
    """Reading again from the start does not move the end."""
    packed = gzip.compress(DATA, 1)
    limits = Limits(held=1 << 20)
    blob = StreamBlob(
        "x", deflate.gunzip, BytesBlob("p", packed + b"behind"), limits=limits, allowance=Allowance(limits)
    )
    assert blob.size == len(DATA)
    assert blob.read(100_000, 5) == DATA[100_000:100_005]
    assert (blob.ended, blob.consumed) == (True, len(packed))


def test_more_than_is_declared_is_not_handed_out() -> None:
    """But it is said."""
    blob = stream(size=100)

    assert blob.read() == DATA[:100]
    assert (blob.excess, blob.size) == (True, 100)


def test_less_than_is_declared_is_a_problem() -> None:
    """The end comes early, and the size becomes what there is."""
    blob = stream(size=len(DATA) + 1)

    assert blob.size == len(DATA) + 1
    blob.drain(1 << 30)
    assert blob.size == len(DATA)
    assert "instead of" in blob.problem


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(expanded=1 << 20), "all that is compressed"),
        (Limits(ratio=100), "more than 100 times its size"),
    ],
)
def test_expanding_without_end_is_a_problem(limits: Limits, reason: str) -> None:
    """By the sum of all streams, or by the ratio of one."""
    blob = stream(bytes(70 << 20), limits=limits)

    assert blob.size <= 70 << 20
    assert reason in blob.problem
    assert blob.kind is HoleKind.BOUND


def test_a_gigabyte_that_is_nearly_nothing_is_enough() -> None:
    """Beyond it a tenth of the ratio ends the stream: zeros cost time, if no memory."""
    blob = StreamBlob(
        "x", lambda _: iter([bytes(1 << 20)] * 3000), BytesBlob("p", bytes(3 << 20)), limits=LIMITS,
        allowance=Allowance(LIMITS),
    )  # fmt: skip

    assert blob.size == 1 << 30
    assert blob.problem == "it expands to more than 200 times its size"


def test_streams_in_one_file_share_what_they_may_expand_to() -> None:
    """However they are nested, and through slices."""
    allowance = Allowance(LIMITS)
    outer = StreamBlob("x", codecs.copy, BytesBlob("p", DATA), limits=LIMITS, allowance=allowance)

    assert allowance_of(SliceBlob(outer, 1, 5, "s"), LIMITS) is allowance
    assert allowance_of(SliceBlob(BytesBlob("p", b""), 0, 0, "s", allowance), LIMITS) is allowance
    assert allowance_of(BytesBlob("p", b""), LIMITS) is not allowance
    assert outer.size == len(DATA)
    assert allowance.fresh == LIMITS.expanded - len(DATA)
