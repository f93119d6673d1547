"""YAML becomes plain values with lines, within bounds, and holds no surprises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.system.yaml_tree import MAX_DEPTH, MAX_NODES, read_tree


def test_every_key_and_item_has_its_line() -> None:
    """By the path that leads to it."""
    tree = read_tree("a: 1\nb:\n  - x\n  - c: y\n")
    assert tree.value == {"a": 1, "b": ["x", {"c": "y"}]}
    assert tree.lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "c"): 4}
    assert tree.complete


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.10", "1.10"),
        ("2026-01-01", "2026-01-01"),
        ("010", 10),
        ("0x1f", "0x1f"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("9" * 40, "9" * 40),
        ("yes", True),
        ("off", False),
        ("'yes'", "yes"),
        ("~", None),
        ("", None),
        ("|\n  two\n  lines", "two\nlines"),
    ],
)
def test_plain_text_becomes_what_its_writer_meant(text: str, value: object) -> None:
    """No dates, no fractions, no sexagesimal or octal numbers."""
    tree = read_tree(f"a: {text}")
    assert tree.value == {"a": value}


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1",
        "a: *x",
        "a: !!str 1",
        "a: !x 1",
        "!!python/object/new:os.system {}",
        "[" * (MAX_DEPTH + 2),
        "- x\n" * (MAX_NODES + 1),
        "{a: {<<: *b}}",
        "%YAML 9.9\n---\na: 1",
        "a: 'open",
        "--- 1\n--- 2",
    ],
    ids=lambda text: text[:12],
)
def test_what_is_not_plain_data_stops_the_reading(text: str) -> None:
    """One problem, and the rest is not trusted."""
    tree = read_tree(text)
    assert not tree.complete
    assert len(tree.problems) == 1


def test_depth_is_allowed_up_to_its_bound() -> None:
    """The bound itself is not a problem."""
    assert read_tree("[" * MAX_DEPTH + "]" * MAX_DEPTH).complete


def test_a_repeated_key_names_the_line_of_the_first() -> None:
    """Reading goes on; the last value stands."""
    tree = read_tree("a: 1\nb: 2\na: 3\n")
    assert tree.complete
    assert tree.value == {"a": 3, "b": 2}
    assert [(p.line, "line 1" in p.message) for p in tree.problems] == [(3, True)]


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t~0", max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_a_tree(text: str) -> None:
    """Syntax in any disorder is read or told."""
    tree = read_tree(text)
    assert tree.complete or tree.problems
