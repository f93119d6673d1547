"""The interface refuses what it should refuse."""

from app.main import Question


def test_a_long_question_is_refused() -> None:
    """Length is bounded."""
    try:
        Question(text="x" * 5000)
    except ValueError:
        return
    raise AssertionError("accepted")
