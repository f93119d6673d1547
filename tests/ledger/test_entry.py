"""The one encoding of an entry."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import TIME, observation, sample

from assaymark.errors import AssaymarkError
from assaymark.ledger.entry import (
    MAX_ENTRY_BYTES,
    InvalidEntryError,
    body_of,
    decode,
    encode,
    entry,
    fitted,
)
from assaymark.observation import canonical

VERSION_1 = b'{"body":{"n":1},"key":"k","system":"demo","time":"2026-11-23T10:00:00Z","type":"note","v":1}'
"""A version-1 entry as published; it must decode for ever."""


def test_the_published_form_of_version_1_does_not_change() -> None:
    """The bytes that a leaf hash covers are fixed."""
    assert encode(entry("note", {"n": 1}, time=TIME, system="demo", key="k")) == VERSION_1
    assert decode(VERSION_1).type == "note"


def test_an_observation_comes_back_as_it_was() -> None:
    """Encoding and decoding lose nothing."""
    assert decode(encode(sample(7))).observation() == observation(7)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (VERSION_1.replace(b'"v":1', b'"v":2'), "version-1"),
        (VERSION_1.replace(b'"v":1', b'"v":1,"w":2'), "version-1"),
        (VERSION_1.replace(b",", b", ", 1), "canonical"),
        (VERSION_1.replace(b'"n":1', b'"n":1.0e0'), "canonical"),
        (VERSION_1.replace(b'"n":1', b'"n":1,"n":1'), "canonical"),
        (VERSION_1.replace(b'"n":1', b'"z":1,"a":1'), "canonical"),
        (VERSION_1.replace(b"demo", b"\\u0064emo"), "canonical"),
        (VERSION_1.replace(b"demo", b"\xff"), "version-1"),
        (VERSION_1 + b"\n", "canonical"),
        (VERSION_1[:-1], "version-1"),
        (b"", "version-1"),
        (b"[]", "version-1"),
        (b'{"body":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "version-1"),
        (b" " * (MAX_ENTRY_BYTES + 1), "longer"),
    ],
)
def test_any_other_form_is_refused(data: bytes, why: str) -> None:
    """An entry has one form only, and what is refused says why."""
    with pytest.raises(InvalidEntryError, match=why):
        decode(data)


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_decoding_is_total(data: bytes) -> None:
    """Any bytes either encode back to themselves or are refused."""
    try:
        assert encode(decode(data)) == data
    except InvalidEntryError:
        assert True


def test_a_body_of_another_kind_is_refused() -> None:
    """Asking a note for its observation says what is wrong."""
    with pytest.raises(InvalidEntryError, match="no Observation"):
        decode(VERSION_1).observation()
    assert body_of(decode(VERSION_1), dict) == {"n": 1}


def test_an_entry_that_no_bundle_can_hold_is_refused() -> None:
    """The limit is that of the published tile format."""
    with pytest.raises(AssaymarkError, match="too long"):
        encode(entry("note", "x" * MAX_ENTRY_BYTES, time=TIME, system="demo", key="k"))


def test_a_long_observation_is_cut_to_fit_and_says_so() -> None:
    """Details go, from the end; how many is recorded in their place."""
    short = fitted(observation(details=5_000))
    assert len(canonical(short)) < MAX_ENTRY_BYTES
    assert (
        short.details[-1].message
        == f"{5_000 - len(short.details) + 1} more were left out here: a ledger entry holds 64 KiB."
    )
    assert short.details[0] == observation(details=1).details[0]


def test_a_short_observation_is_left_alone() -> None:
    """What fits is not touched."""
    assert fitted(observation(details=3)) == observation(details=3)


def test_raw_bodies_are_canonical_whatever_order_they_came_in() -> None:
    """The body is sorted too, at every depth."""
    made = entry("note", {"b": {"z": 1, "a": 2}, "a": 0}, time=TIME, system="demo", key="k")
    assert bytes(made.body) == b'{"a":0,"b":{"a":2,"z":1}}'
    assert isinstance(made.body, msgspec.Raw)
