"""UBJSON: what XGBoost writes, and counts that lie."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.looked_at import holes, looked_at, verdict

from assaymark.scan.blob import BytesBlob
from assaymark.scan.config.ubjson import UbjsonError, read_ubjson

SAMPLE = (Path(__file__).with_name("samples") / "xgboost.ubj").read_bytes()


def test_what_xgboost_writes() -> None:
    """A real model is read to its end, and its parts are told."""
    value, end = read_ubjson(BytesBlob("m.ubj", SAMPLE))
    found = looked_at("m.ubj", SAMPLE)

    assert (sorted(value), end) == (["learner", "version"], len(SAMPLE))
    assert (found.header.format, str(found.verdict)) == ("xgboost-ubj", "clean")
    assert ("objective", "binary:logistic") in found.header.metadata


@pytest.mark.parametrize("length", range(2, 200))
def test_cut_files_are_gaps(length: int) -> None:
    """A model cut in its header is never clean."""
    assert verdict("m.ubj", SAMPLE[:length]) == "inconclusive"


def test_what_follows_is_a_gap() -> None:
    """Bytes after the model's end were not read."""
    assert "after the model's end" in holes("m.ubj", SAMPLE + b"x")[0].reason


@pytest.mark.parametrize(
    "content",
    [
        b"{i\x07learner[$L#L" + struct.pack(">q", 1 << 60),
        b"{i\x07learner[#L" + struct.pack(">q", -1),
        b"{i\x07learnerSL" + struct.pack(">q", 1 << 50),
        b"{i\x07learner" + b"[" * 100,
        b"{i\x07learner\xff",
        b"{i\x07learner[$d",
        b"{i\x07learner[$Z#L" + struct.pack(">q", 1 << 40),
    ],
)
def test_counts_that_lie(content: bytes) -> None:
    """Nothing is allocated for what is only claimed, and nesting ends."""
    with pytest.raises(UbjsonError):
        read_ubjson(BytesBlob("m.ubj", content))


@given(st.binary(max_size=200))
def test_any_bytes_end(content: bytes) -> None:
    """Whatever follows the first mark, reading ends with a value or a reason."""
    blob = BytesBlob("m.ubj", b"{" + content)
    try:
        _, end = read_ubjson(blob)
    except UbjsonError as problem:
        end = problem.offset

    assert 0 <= end <= blob.size
