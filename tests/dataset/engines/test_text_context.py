"""Words around patterns."""

import numpy as np

from assaymark.dataset.engines.text_context import CONTEXT, around, classes
from assaymark.dataset.engines.words import tokenise


def test_words_around_are_those_outside_the_run() -> None:
    """A class counts for a text if a word of it stands outside the run, whatever stands inside."""
    draw = np.random.default_rng(1)
    texts = [
        " ".join(f"w{n}" for n in draw.integers(0, 300, draw.integers(3, 30))).encode() for _ in range(80)
    ]
    tokens = tokenise(texts)
    found = classes(tokens)
    text = draw.integers(0, 80, 200)
    begin = tokens.first[text] + draw.integers(0, 3, 200)
    end = np.minimum(begin + draw.integers(1, 6, 200), tokens.first[text + 1])
    pattern = draw.integers(0, 9, 200)
    expected = np.zeros((9, CONTEXT), np.int64)
    for hit in range(200):
        first, stop = tokens.first[text[hit]], tokens.first[text[hit] + 1]
        outside = [*range(first, begin[hit]), *range(end[hit], stop)]
        expected[pattern[hit], list({int(found.place[at]) for at in outside} - {-1})] += 1
    assert np.array_equal(around(found, pattern, text, begin, end, 9), expected)


def test_only_free_tokens_count() -> None:
    """What a pattern covers is of no class; the frame of a text is of none either."""
    tokens = tokenise([b"one two", b"three four"])
    free = np.array([True, True, False, True, True, True, True, True])
    assert (classes(tokens, free).place >= 0).tolist() == [
        False,
        True,
        False,
        False,
        False,
        True,
        True,
        False,
    ]
