"""The canonical form of a record."""

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.dataset.provenance.arrow_records import canonical_batch
from assaymark.dataset.provenance.canonical import (
    canonical_cells,
    canonical_raw,
    canonical_record,
    digest,
    name_order,
    name_prefix,
    number_text,
)
from assaymark.dataset.provenance.json_records import json_block


def cells(names: list[str], row: list[str]) -> bytes:
    """A row of CSV in canonical form."""
    order = sorted(range(len(names)), key=lambda i: name_order(names[i]))
    return canonical_cells([(i, name_prefix(names[i])) for i in order], row)


def test_the_form_is_fixed() -> None:
    """Manifests of every release must verify: these bytes and this digest never change."""
    record = {
        "b": "é",
        "a": 1,
        "none": None,
        "list": [1.0, {"z": None, "y": "\n"}],
        "when": date(2026, 1, 31),
    }
    form = canonical_record(record)
    assert form == '1:a,1:1,1:b,2:é,4:list,14:[1,{"y":"\\n"}],4:when,10:2026-01-31,'.encode()
    assert digest(form).hex() == "7a531f193ce5c1eb9b1db17a3603597d"
    assert digest(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb924"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (4.35, "4.35"), (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"), (1e-7, "1e-7"), (-1.23e-5, "-0.0000123"),
        (5e-324, "5e-324"), (123456789012345680000.0, "123456789012345680000"), (math.nan, ""),
        (math.inf, "inf"), (-math.inf, "-inf"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    """RFC 8785, 3.2.2.3 and its examples."""
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_two_numbers_are_written_alike(number: float) -> None:
    """Reading the text gives the number back."""
    assert float(number_text(number)) == number


@pytest.mark.parametrize(
    ("typed", "untyped"),
    [
        (1, "1"), (1, "1.0"), (1.0, "1"), (1.5, "1.5"), (True, "True"), (False, "false"), (None, ""),
        (date(2026, 1, 31), "2026-01-31"), (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T12:00:00Z"),
        (Decimal("2.50"), "2.5"), ("", ""), (b"x", "x"), ([1, "a"], '[1,"a"]'),
    ],
)  # fmt: skip
def test_a_cell_and_a_typed_value_are_one_record(typed: object, untyped: str) -> None:
    """As far as the docstring promises."""
    assert canonical_record({"a": typed}) == cells(["a"], [untyped])


@pytest.mark.parametrize(
    ("one", "other"), [("01234", "1234"), ("1.50", "1.5"), ("1.10", "1.1"), (" x", "x"), ("TRUE", "true")]
)
def test_text_that_differs_is_another_record(one: str, other: str) -> None:
    """Leading zeros, trailing zeros, spaces and case count."""
    assert cells(["a"], [one]) != cells(["a"], [other])


def test_neither_order_nor_empty_columns_count() -> None:
    """The same record under two schemas."""
    assert (
        cells(["b", "a", "c"], ["2", "1", ""])
        == cells(["a", "b"], ["1", "2"])
        != cells(["a", "b"], ["2", "1"])
    )


def test_nothing_can_be_moved_between_fields() -> None:
    """Lengths come first, so no value can pretend to be a field, and no record a broken line."""
    assert canonical_record({"a": "1", "b": "2"}) != canonical_record({"a": "1,1:b,1:2"})
    assert canonical_raw(b"x") != canonical_record({"": "x"})


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=8),
    st.lists(st.integers(-5, 5), max_size=3),
)  # fmt: skip


@settings(max_examples=60, deadline=None)  # the first builds Arrow's kernels
@given(st.lists(st.tuples(_VALUES, st.floats(width=32), st.text(max_size=5)), min_size=1, max_size=8))
def test_columns_give_what_records_give(rows: list[tuple[Any, float, str]]) -> None:
    """The quick way for Arrow and the plain one agree to the byte, column by column."""
    for at in range(3):
        values = [row[at] for row in rows]
        kind = type(next((v for v in values if v is not None), None))
        values = [v if type(v) is kind else None for v in values]
        batch = pa.RecordBatch.from_pydict({"x y": pa.array(values), "x": pa.array(range(len(values)))})
        assert canonical_batch(batch) == [canonical_record({"x y": v, "x": i}) for i, v in enumerate(values)]


def test_narrow_numbers_have_their_own_shortest_digits() -> None:
    """A float32 of 0.1 is 0.1."""
    batch = pa.RecordBatch.from_pydict({"a": pa.array(np.array([0.1, 2.0], np.float32))})
    assert canonical_batch(batch) == [canonical_record({"a": 0.1}), canonical_record({"a": 2})]


def test_times_of_every_unit_are_alike() -> None:
    """Seconds or nanoseconds; those beyond any calendar keep their number."""
    moment = datetime(2026, 1, 31, 12, 0, 0, 500_000)  # noqa: DTZ001  a column without a zone
    for unit in ("ms", "us", "ns"):
        column = pa.array([moment], pa.timestamp(unit))
        assert canonical_batch(pa.RecordBatch.from_arrays([column], ["t"])) == [
            canonical_record({"t": moment})
        ]
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("s"))
    assert b"4611686018427387904 s" in canonical_batch(pa.RecordBatch.from_arrays([far], ["t"]))[0]


@pytest.mark.parametrize(
    "line", [b'{"a": 1', b'{"a": 1, "a": 2}', b"[1]", b"\xff\xfe", b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}"]
)
def test_a_line_that_readers_may_differ_on_keeps_its_bytes(line: bytes) -> None:
    """Also one with a key twice, of which one reader sees the first and another the last."""
    block = json_block([b'{"a": 1}', line])
    assert block.unreadable == (1,)
    assert block.canonical == [canonical_record({"a": 1}), canonical_raw(line)]


def test_half_surrogates_do_not_crash() -> None:
    """JSON can hold them; UTF-8 cannot."""
    block = json_block([json.dumps({"a": "\ud800"}).encode()])
    assert block.unreadable == ()
    assert digest(block.canonical[0]) != digest(canonical_record({"a": "?"}))
