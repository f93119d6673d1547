"""Damaged at random: reading never raises anything but a user's error, and every record is accounted for."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assaymark.dataset.reading.elements import elements
from assaymark.dataset.reading.images import decoded_image
from assaymark.dataset.reading.limits import Limits
from assaymark.dataset.reading.lines import whole_records
from assaymark.errors import AssaymarkError
from tests.dataset.reading.makers import picture, read
from tests.dataset.reading.test_layouts import CASES

FILES = [
    c for c in CASES if "folder" not in c[0] and c[0] not in ("hub", "images beside a table", "xz", "bz2")
]


class Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, steps: list[int]) -> None:
        super().__init__(data)
        self._steps = steps
        self._turn = 0

    def read(self, size: int | None = -1) -> bytes:
        """At most the next step's bytes."""
        self._turn += 1
        return super().read(min(size or 0, self._steps[self._turn % len(self._steps)]))


TEXT = st.text(alphabet='",\n\r ab\\{}[]:1', max_size=200).map(str.encode)
STEPS = st.lists(st.integers(1, 40), min_size=1, max_size=10)


@settings(max_examples=300, deadline=None)
@given(TEXT, STEPS, st.integers(5, 60))
def test_records_do_not_depend_on_how_a_stream_arrives(data: bytes, steps: list[int], quoted: int) -> None:
    """The same records end at the same bytes, whether the stream comes at once or byte by byte."""
    limits = Limits(quoted_bytes=quoted)

    def ends(file: io.BytesIO) -> list[int]:
        return [
            block.start + int(e) for block in whole_records(file, limits, delimiter=",") for e in block.ends
        ]

    assert ends(Dribble(data, steps)) == ends(io.BytesIO(data))


@settings(max_examples=200, deadline=None)
@given(TEXT, STEPS, st.integers(5, 60))
def test_records_are_the_same_from_any_record_on(data: bytes, steps: list[int], quoted: int) -> None:
    """A reader that starts at a record's first byte finds the records that the index found."""
    limits = Limits(quoted_bytes=quoted)
    blocks = list(whole_records(io.BytesIO(data), limits, delimiter=","))
    ends = [block.start + int(e) for block in blocks for e in block.ends]
    for start in [block.start for block in blocks]:
        again = whole_records(io.BytesIO(data[start:]), limits, delimiter=",", start=start)

        assert [b.start + int(e) for b in again for e in b.ends] == [e for e in ends if e > start]


@settings(max_examples=200, deadline=None)
@given(TEXT, STEPS)
def test_elements_do_not_depend_on_how_a_stream_arrives(data: bytes, steps: list[int]) -> None:
    """The same elements of an array, whether it comes at once or byte by byte."""

    def found(file: io.BytesIO) -> list[bytes]:
        parts = []
        for block in elements(file, Limits()):
            begins = [0, *block.ends[:-1].tolist()]
            parts += [block.data[b:e] for b, e in zip(begins, block.ends.tolist(), strict=False)]
        return parts

    assert found(Dribble(data, steps)) == found(io.BytesIO(data))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@settings(max_examples=60, deadline=None)
@given(
    hits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=5),
    cut=st.floats(0.05, 1),
)
def test_damaged_images_are_decoded_or_refused(
    form: str, hits: list[tuple[float, bytes]], cut: float
) -> None:
    """An image's bytes overwritten anywhere give an array or a reason."""
    raw = bytearray(picture(1, form=form))
    for place, junk in hits:
        at = int(place * max(0, len(raw) - len(junk)))
        raw[at : at + len(junk)] = junk
    found = decoded_image(bytes(raw[: int(cut * len(raw))]), Limits(pixels=1 << 20))

    assert isinstance(found, str) or (found.dtype == np.uint8 and found.shape[2] == 3)


@pytest.mark.parametrize("case", FILES, ids=[c[0] for c in FILES])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    hits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12)), max_size=4),
    cut=st.floats(0.3, 1),
)
def test_damage_never_raises(case: tuple, hits: list[tuple[float, bytes]], cut: float) -> None:
    """Bytes overwritten anywhere and a file cut short give holes or a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = case[1](Path(folder))
        raw = bytearray(path.read_bytes())
        for place, junk in hits:
            at = int(place * max(0, len(raw) - len(junk)))
            raw[at : at + len(junk)] = junk
        path.write_bytes(bytes(raw[: max(1, int(cut * len(raw)))]))
        try:
            data, batches, _ = read(path)
        except AssaymarkError:
            return

    assert data.total >= sum(map(len, batches))
    for batch in batches:
        for values in (batch.text, batch.prompt, batch.response, batch.rejected, batch.label, batch.split):
            assert len(values) in (0, len(batch))
            for value in values:
                assert value is None or value.encode() is not None
        assert all(i.dtype == np.uint8 and i.ndim == 3 and i.shape[2] == 3 for i in batch.image)
