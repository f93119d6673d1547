"""Reading and walking JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaymark.inspection import HoleKind
from assaymark.scan.config.json_text import TooManyValues, excerpt, json_end, nodes, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES)
def test_what_python_writes_is_read(value: Any) -> None:
    """The value comes back, and it ends where it ends."""
    text = json.dumps(value).encode()

    assert read_json(text).value == value
    assert json_end(text + b"\x80tail") == len(text) or not isinstance(value, dict | list | str)


@given(VALUES)
def test_every_object_is_visited_once(value: Any) -> None:
    """The walk sees as many objects as there are, outermost first."""
    text = json.dumps(value)
    braces = len(
        json.dumps(json.loads(text, object_hook=lambda o: ["\0object", *o.values()])).split("\\u0000object")
    )

    assert sum(1 for _ in nodes(value)) == braces - 1


def test_paths_say_where() -> None:
    """Keys and indices, joined as one would write them."""
    assert [n.path for n in nodes({"a": [{"b": {}}, 1]})] == ["", "a[0]", "a[0].b"]


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[1,]", b"{'a': 1}", b"1" * 5_000])
def test_broken_text_says_so(text: bytes) -> None:
    """Also numbers that Python refuses to convert."""
    assert read_json(text).problem


def test_depth_and_size_are_bounds() -> None:
    """Each says which it was."""
    assert read_json(b"[" * 1_000_000).kind is HoleKind.BOUND
    assert read_json(b" " * (17 << 20)).kind is HoleKind.BOUND


def test_too_many_values_stop_the_walk() -> None:
    """The bound counts values, not only objects."""
    with pytest.raises(TooManyValues):
        list(nodes({"a": [0] * 2_000_001}))


def test_excerpts_are_short_and_plain() -> None:
    """Control characters are escaped, what is long is cut."""
    assert excerpt({"a": "\x1b[31m"}) == '{"a": "\\u001b[31m"}'
    assert len(excerpt("x" * 10_000)) < 500
