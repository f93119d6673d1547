"""What is kept of a hostile file's words is short and tells no secret."""

import pytest

from assaymark.scan.words import public_url, shortened


def test_long_words_are_cut_and_stay_apart() -> None:
    """Two names that differ after the cut are still two."""
    one, other = shortened("a" * 1000 + "1"), shortened("a" * 1000 + "2")

    assert len(one) == 300
    assert one != other


@pytest.mark.parametrize(("value", "text"), [(True, ""), (None, ""), ([], ""), (1.5, "1.5"), (" a ", "a")])
def test_only_text_and_numbers_are_words(value: object, text: str) -> None:
    """Whatever else stands there is nothing."""
    assert shortened(value) == text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:word@a.example/p?token=1#x", "https://a.example/p"),
        ("git+ssh://git@a.example/p", "git+ssh://a.example/p"),
        ("plain words", "plain words"),
        ("https://[broken", ""),
    ],
)
def test_addresses_lose_their_secrets(url: str, expected: str) -> None:
    """User, password, query and fragment."""
    assert public_url(url) == expected
