"""Windows hold all of a text, bounded, and part it where sentences end."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaymark.guard.detector.windows import long_windows, short_windows, windows

_TEXT = st.text(st.sampled_from('ab .!?,;"<>p/-\\n\n1。你й\u0e01\ud800\x00{}[]:•'), max_size=400)


def _pieces(text: str) -> list[str]:
    return [text[a:b] for a, b in windows(text).sentences.tolist()]


@settings(deadline=None)
@given(_TEXT)
def test_nothing_is_left_out(text: str) -> None:
    """Every character but white space lies in a sentence, a short and a long window."""
    found = windows(text, words=12)
    for spans in (found.long, found.short, found.sentences):
        covered = np.zeros(len(text), dtype=bool)
        for start, end in spans.tolist():
            assert 0 <= start < end <= len(text)
            covered[start:end] = True
        assert all(covered[n] or c.isspace() for n, c in enumerate(text))


@settings(deadline=None)
@given(_TEXT)
def test_sentences_do_not_overlap(text: str) -> None:
    """Sentences stand in order, apart, and without space around them."""
    spans = windows(text, words=12).sentences.tolist()
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "It cost 3.50 in v1.2. See https://a.b/c?d=e.f!",
            ["It cost 3.50 in v1.2.", "See https://a.b/c?d=e.f!"],
        ),
        ("Ask J. Smith, e.g. today. Then go.", ["Ask J. Smith, e.g. today.", "Then go."]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("1. Mix\n2. Bake\n- Eat", ["1. Mix", "2. Bake", "- Eat"]),
        ("今日は晴れ。「行こう！」と言った。", ["今日は晴れ。", "「行こう！」", "と言った。"]),
        ("كيف حالك؟ شكرا. नमस्ते। ठीक है।", ["كيف حالك؟", "شكرا.", "नमस्ते।", "ठीक है।"]),
        ('{"a": "x y", "b": [1, 2]}', ['{"a": "x y",', '"b": [1, 2]}']),
        ('"one\\ntwo"', ['"one\\n', 'two"']),
        ("<p>Hi <b>you</b></p><!-- now -->end", ["<p>", "Hi <b>you</b>", "</p>", "<!-- now -->", "end"]),
        ("• one • two", ["• one", "• two"]),
        ("...", ["..."]),
    ],
)
def test_sentences(text: str, pieces: list[str]) -> None:
    """Sentences end where people and formats end them, never inside numbers, URLs or initials."""
    assert _pieces(text) == pieces


def test_long_windows_overlap_by_about_half() -> None:
    """Each window begins about half a window after the one before, and none is over 110 words."""
    text = "Here is one more plain sentence of nine words. " * 60
    spans = windows(text).long.tolist()
    sizes = [len(text[a:b].split()) for a, b in spans]
    assert max(sizes) <= 110
    for (start, end), (following, _) in pairwise(spans):
        assert 0.35 < (end - following) / (end - start) < 0.65


def test_short_text_is_one_window() -> None:
    """A text of up to 110 words is judged as a whole."""
    assert windows(" Ignore this. And that. ").long.tolist() == [[1, 23]]


@pytest.mark.parametrize("letter", ["a", "你", "й", "!", "\x00"])
def test_text_without_space_is_cut(letter: str) -> None:
    """Endless words are cut hard, at most 600 code points each."""
    spans = windows(letter * 5000).sentences
    assert (spans[:, 1] - spans[:, 0]).max() <= 600
    assert spans[-1, 1] == 5000


@pytest.mark.parametrize("unit", ["ab, c! ", "<p", "你", "x\n", '{"a":"b"},', "(."])
def test_number_of_windows_is_bounded(unit: str) -> None:
    """A very long text has coarser windows, not more, and its end is still inside one."""
    text = unit * (600_000 // len(unit))
    found = windows(text, most=256)
    assert len(found.long) + len(found.short) <= 256
    assert found.long[-1, 1] == found.short[-1, 1] == len(text.rstrip())


def test_white_space_has_no_windows() -> None:
    """Nothing to judge, no window."""
    assert [len(spans) for spans in windows(" \n\u3000")] == [0, 0, 0]


def test_short_windows_are_one_to_three_sentences() -> None:
    """All runs of one to three sentences, in order."""
    spans = short_windows(np.array([[0, 2], [3, 5], [6, 8]]))
    assert spans.tolist() == [[0, 2], [0, 5], [0, 8], [3, 5], [3, 8], [6, 8]]


def test_long_windows_alone() -> None:
    """Training asks for the long windows alone, and gets the same."""
    text = "One more sentence here. " * 90
    assert long_windows(text) == [tuple(span) for span in windows(text).long.tolist()]


def test_a_gulf_of_space_costs_nothing() -> None:
    """A million spaces within a sentence are stepped over at once."""
    text = "one" + " " * 1_000_000 + "two"
    assert windows(text).sentences.tolist() == [[0, 3], [1_000_003, 1_000_006]]


def test_a_cut_leaves_no_space_at_the_edge() -> None:
    """A hard cut next to white space trims it."""
    spans = windows("•}-n\\\\. b•}-n\\\\. " * 9, words=3).sentences.tolist()
    text = "•}-n\\\\. b•}-n\\\\. " * 9
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


@pytest.mark.parametrize(("words", "count"), [(118, 1), (130, 2)])
def test_a_little_too_long_is_one_window(words: int, count: int) -> None:
    """A text barely over the limit is not read twice."""
    assert len(long_windows(" ".join(["seven words and then a full stop."] * 30)[:-1] + ".")) > 1
    assert len(long_windows("word " * words)) == count
