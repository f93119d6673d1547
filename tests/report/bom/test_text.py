"""Strings, addresses and bytes that any reader takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.bom import Bom
from assaymark.report.bom.text import cleaned, content_uuid, iri, json_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/x y?q=1", "https://a.example/x%20y?q=1"),
        ("https://a.example/50%", "https://a.example/50%25"),
        ("https://a.example/%41", "https://a.example/%41"),
        ("docs/model card.md", "docs/model%20card.md"),
        ("c:d", "c%3Ad"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("http:no-host", "http%3Ano-host"),
        ("https://[broken", "https%3A//%5Bbroken"),
    ],
)
def test_an_address_stays_and_a_path_becomes_relative(text: str, expected: str) -> None:
    """What is no address is quoted as a path."""
    assert iri(text) == expected


@given(st.text(max_size=60))
def test_an_address_is_always_ascii_without_spaces(text: str) -> None:
    """Whatever it was."""
    clean = text.encode("utf-8", "backslashreplace").decode()

    assert all(33 <= ord(c) < 127 for c in iri(clean))


@given(st.recursive(st.text(max_size=20), lambda inner: st.lists(inner, max_size=3), max_leaves=8))
def test_json_is_ascii_and_reads_back(value: object) -> None:
    """For every string that UTF-8 can hold."""
    data = json_bytes(value)

    assert json.loads(data) == value
    assert all(byte == 10 or 32 <= byte < 127 for byte in data)


def test_half_a_character_becomes_an_escape() -> None:
    """In any field, so that strict readers take the bill."""
    bom = Bom(name="a\ud800", files=(), components=(), services=(), links=())

    assert cleaned(bom).name == "a\\ud800"


def test_the_number_follows_content_and_version() -> None:
    """Equal content, equal number."""
    bom = Bom(name="a", files=(), components=(), services=(), links=())
    other = Bom(name="b", files=(), components=(), services=(), links=())

    assert content_uuid(bom, "1") == content_uuid(bom, "1")
    assert len({content_uuid(bom, "1"), content_uuid(bom, "2"), content_uuid(other, "1")}) == 3
