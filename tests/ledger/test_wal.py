"""The write-ahead file: what is whole is read, what is torn is left out, what was changed is refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.ledger import wal
from assaymark.ledger.wal import DamagedError, Record, header, read_header, read_records, written

HEADER = header("assaymark.local/5f2c9a1be07d4433", 7)
RECORDS = st.builds(Record, st.binary(max_size=300), st.binary(min_size=32, max_size=32))
BATCHES = st.lists(st.lists(RECORDS, min_size=1, max_size=4), min_size=1, max_size=5)


def record(number: int) -> Record:
    """One of its own."""
    return Record(b"entry %d" % number, bytes([number]) * 32)


def file_of(*writes: list[list[Record]], index: int = 7) -> tuple[bytes, list[int]]:
    """A file of several writes of several batches; where each write ends."""
    data, ends = HEADER, [len(HEADER)]
    for batches in writes:
        data += written(batches, len(data), index)
        index += sum(map(len, batches))
        ends.append(len(data))
    return data, ends


def found(data: bytes) -> tuple[Record, ...]:
    """What is read from a file."""
    _, base, start = read_header(data)
    return read_records(data[start:], start, base).found


@given(st.text(max_size=60).filter(lambda t: t.isprintable()), st.integers(0, 2**50), BATCHES)
def test_what_was_written_is_read(origin: str, base: int, batches: list[list[Record]]) -> None:
    """All of it, whatever the bytes are."""
    head = header(origin, base)
    data = head + written(batches, len(head), base)

    assert read_header(data) == (origin, base, len(head))
    read = read_records(data[len(head) :], len(head), base)
    assert read.found == tuple(r for batch in batches for r in batch)
    assert read.end == len(data)


def test_a_file_cut_at_any_byte_gives_the_batches_before_the_cut() -> None:
    """Whole batches only: what was not acknowledged is left out, never half of it."""
    batches = [[record(0)], [record(1), record(2)], [record(3)]]
    data, _ = file_of(*([b] for b in batches))
    sizes = [len(file_of(*([b] for b in batches[:n]))[0]) for n in range(4)]
    for cut in range(len(HEADER), len(data)):
        whole = max(n for n, size in enumerate(sizes) if size <= cut)
        assert found(data[:cut]) == tuple(r for b in batches[:whole] for r in b)


def test_a_torn_last_write_is_left_out_whatever_of_it_reached_the_disk() -> None:
    """A power cut may keep any part of a write that was not synced: zeros, or its second half alone."""
    data, ends = file_of([[record(0)], [record(1)]], [[record(2)], [record(3)], [record(4)]])
    start, end = ends[1], ends[2]
    for hole_start, hole_end in pairwise(range(start, end, 13)):
        torn = data[:hole_start] + bytes(hole_end - hole_start) + data[hole_end:]
        assert found(torn)[:2] == (record(0), record(1))
        assert set(found(torn)) <= {record(n) for n in range(5)}
    assert found(data[:start] + bytes(5_000)) == (record(0), record(1))


@pytest.mark.parametrize("write", [0, 1, 2])
def test_a_changed_byte_before_the_last_write_is_damage(write: int) -> None:
    """It was synced once, so no crash explains it; the entry is named."""
    data, ends = file_of([[record(0)]], [[record(1)]], [[record(2)]], [[record(3)]])
    for place in range(ends[write], ends[write + 1]):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(DamagedError, match=f"entry {7 + write} ") as error:
            found(changed)
        assert error.value.index == 7 + write


def test_records_in_another_order_are_damage() -> None:
    """Each says which entry it is."""
    one, other = (HEADER + written([[record(n)]], len(HEADER), n) for n in (7, 8))
    with pytest.raises(DamagedError, match="holds entry 8 where 7 should be"):
        found(HEADER + other[len(HEADER) :] + one[len(HEADER) :])


@pytest.mark.parametrize("place", range(len(HEADER)))
def test_a_changed_byte_in_the_header_is_damage(place: int) -> None:
    """It is written as a whole, so it is never torn."""
    changed = HEADER[:place] + bytes([HEADER[place] ^ 1]) + HEADER[place + 1 :]
    with pytest.raises(DamagedError):
        read_header(changed)
    with pytest.raises(DamagedError):
        read_header(HEADER[:place])


def test_a_name_that_is_no_text_is_damage() -> None:
    """Even under a checksum that holds."""
    import zlib

    start = HEADER[:-4].replace(b"assaymark.local", b"\xff" * 15)
    with pytest.raises(DamagedError):
        read_header(start + zlib.crc32(start).to_bytes(4, "big"))


def test_a_file_made_of_markers_costs_no_hours() -> None:
    """A stranger's file is given up, not searched for ever."""
    data = HEADER + (b"\xffREC" + bytes(20) + b"\xff\xff") * 200_000
    with pytest.raises(DamagedError):
        found(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_records_or_damage(data: bytes) -> None:
    """Nothing else comes out."""
    read = read_records(data, 0, 0)
    assert read.end <= len(data)
    assert wal.MAX_BYTES > 0
