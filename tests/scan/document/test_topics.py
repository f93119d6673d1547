"""Text → topics: whole words, phrases, open endings, hyphens and plurals."""

import pytest

from assaymark.scan.document.kinds import document_kinds
from assaymark.scan.document.topics import topic_ids, topics_of


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Prompt-injection attacks", "prompt-injection"),
        ("PROMPT INJECTIONS", "prompt-injection"),
        ("the data was poisoned", "poisoning"),
        ("roll-back to the last release", "rollback"),
        ("an attacker who steals: model theft!", "extraction"),
        ("kept for 30 days", "retention"),
    ],
)
def test_words_are_found_as_people_write_them(text: str, topic: str) -> None:
    """Case, hyphens, plurals and open endings do not matter."""
    assert topic in topics_of(text)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("a poison-free word: compass", "rollback"),
        ("injection moulding", "prompt-injection"),
        ("explorer", "logging"),
    ],
)
def test_parts_of_words_are_not_found(text: str, topic: str) -> None:
    """A phrase needs all its words, and a word stands alone."""
    assert topic not in topics_of(text)


def test_the_tables_hold_what_the_vocabulary_names() -> None:
    """Kinds that `Document.kind` documents are in the table, and topics are not empty."""
    assert {"model-card", "incident-plan", "training-register", "due-diligence", "other"} <= set(
        document_kinds()
    )
    assert len(topic_ids()) > 60
