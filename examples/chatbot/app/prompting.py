"""Prompts are files under version control; residents' text goes between tags."""

from pathlib import Path

SYSTEM_PROMPT = (Path(__file__).parent.parent / "prompts" / "system.txt").read_text(encoding="utf-8")
USER_PROMPT = (Path(__file__).parent.parent / "prompts" / "user.txt").read_text(encoding="utf-8")


def messages(question: str, pages: str) -> list[dict[str, str]]:
    """System and user message for one question."""
    return [
        {"role": "system", "content": SYSTEM_PROMPT},
        {"role": "user", "content": USER_PROMPT.format(question=question, pages=pages)},
    ]
