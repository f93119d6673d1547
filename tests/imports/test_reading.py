"""Reading what strangers wrote."""

import pytest

from assaymark.errors import UsageError
from assaymark.imports.reading import MAX_BYTES, capped, json_lines, number, told, words
from assaymark.observation import Detail


def test_lines_are_read_one_by_one() -> None:
    """One that is broken is told with its number, the others are read."""
    found, problems = json_lines(
        b'\xef\xbb\xbf{"a": 1}\r\n\n{"a": 1, "a": 2}\n[]\n{"b": 2}\n{"c', "log.jsonl"
    )

    assert found == [{"a": 1}, {"b": 2}]
    assert [p.partition(" is ")[0] for p in problems] == [f"log.jsonl: line {n}" for n in (3, 4, 6)]


def test_many_broken_lines_are_summed_up() -> None:
    """Nobody reads a thousand sentences."""
    problems = json_lines(b"{}\n" + b"[\n" * 1000, "log.jsonl")[1]

    assert len(problems) == 21
    assert problems[-1] == "log.jsonl: 980 more lines could not be read."


@pytest.mark.parametrize("data", [b"", b"\n\n", b"[]\n", b"x\ny\n", b"\n" * 500_001, b" " * (MAX_BYTES + 1)])
def test_lines_without_an_object_are_refused(data: bytes) -> None:
    """As is a file of more lines or bytes than are read."""
    with pytest.raises(UsageError, match=r"log\.jsonl"):
        json_lines(data, "log.jsonl")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  two \n words ", "two words"),
        ("x" * 600, "x" * 499 + "…"),
        ("\ud800a", "\ufffda"),
        ("\x1b[2J", "\x1b[2J"),
        (None, ""),
        (1, ""),
        (["a"], ""),
    ],
)
def test_text_is_one_bounded_line(value: object, expected: str) -> None:
    """And what is no text is nothing."""
    assert words(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (-1.5, -1.5), (True, None), ("1", None), (None, None), (10**400, None), (float("inf"), None)],
)
def test_numbers_are_finite(value: object, expected: float | None) -> None:
    """And what is no number is none."""
    assert number(value) == expected


def test_details_are_capped_and_counted() -> None:
    """The rest stands in the report."""
    details = [Detail(str(n)) for n in range(1_500)]

    assert capped(details[:200]) == tuple(details[:200])
    assert len(capped(details)) == 201
    assert capped(details)[-1].message == "1,300 more stand in the report."
    assert (told(1, "flaw"), told(1_000, "flaw"), told(2, "entry", "entries")) == (
        "1 flaw",
        "1,000 flaws",
        "2 entries",
    )
