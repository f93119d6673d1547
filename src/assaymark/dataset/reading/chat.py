"""Conversations in their common layouts → a prompt and the response to be learnt. Pure."""

from collections.abc import Sequence
from typing import Any

from assaymark.dataset.reading.rows import text_of

__all__ = ["is_conversation", "prompt_and_response", "transcript", "turns"]

_ROLE_KEYS = ("role", "from", "speaker", "author")
_TEXT_KEYS = ("content", "value", "text", "message", "utterance")
_ANSWERING = frozenset(
    {"assistant", "gpt", "chatgpt", "bing", "bard", "model", "bot", "ai", "output", "chatbot"}
)
_ANSWERS = (
    "### Assistant:",
    "### Response:",
    "<|im_start|>assistant",
    "<|start_header_id|>assistant<|end_header_id|>",
    "<start_of_turn>model",
    "<|assistant|>",
    "[/INST]",
    "\n\nAssistant:",
    "ASSISTANT:",
)
"""What stands before an answer where a whole conversation is one text."""
_MANY = 10_000
"""Turns of a conversation that are read."""


def turns(value: Any) -> list[tuple[str, str]]:
    """The turns of a conversation as (role, text); empty if it is none."""
    if isinstance(value, dict):  # columns rather than rows, as Arrow may hold them
        roles = next((value[k] for k in _ROLE_KEYS if isinstance(value.get(k), list)), None)
        texts = next((value[k] for k in _TEXT_KEYS if isinstance(value.get(k), list)), None)
        if roles is None or texts is None:
            nested = next((v for v in value.values() if isinstance(v, list)), None)
            return turns(nested) if nested is not None else []
        return [(text_of(r).lower(), text_of(t)) for r, t in zip(roles, texts, strict=False)][:_MANY]
    if not isinstance(value, list):
        return []
    found = [_turn(item, i) for i, item in enumerate(value[:_MANY])]
    return [t for t in found if t is not None]


def _turn(item: Any, number: int) -> tuple[str, str] | None:
    if isinstance(item, str):  # turns that alternate
        return ("assistant" if number % 2 else "user", item)
    if not isinstance(item, dict):
        return None
    role = next((item[k] for k in _ROLE_KEYS if k in item), None)
    text = next((item[k] for k in _TEXT_KEYS if item.get(k) is not None), "")
    if isinstance(role, dict):
        role = role.get("role")
    if isinstance(text, list):  # parts of several kinds; the text ones count
        text = "\n".join(text_of(p.get("text")) if isinstance(p, dict) else text_of(p) for p in text)
    if isinstance(text, dict):
        text = text.get("parts", text)
    calls = item.get("tool_calls") or item.get("function_call")
    shown = text_of(text) + (text_of(calls) if calls else "")
    return None if role is None else (text_of(role).lower(), shown)


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of turns, each with a role."""
    if isinstance(value, list) and value and not all(isinstance(v, dict) for v in value):
        return False
    return bool(turns(value))


def prompt_and_response(value: Any) -> tuple[str, str]:
    """Everything before the last answer, and that answer; what is no conversation is a prompt as it is."""
    found = turns(value)
    if not found:
        return transcript(value) or ("", value) if isinstance(value, str) else (text_of(value), "")
    last = max((i for i, (role, _) in enumerate(found) if role in _ANSWERING), default=-1)
    if last < 0:
        return _joined(found), ""
    return _joined(found[:last]), found[last][1]


def transcript(text: str) -> tuple[str, str] | None:
    """A conversation written as one text, cut before its last answer; None if it is none."""
    at, mark = max((text.rfind(mark), mark) for mark in _ANSWERS)
    return (text[:at], text[at + len(mark) :]) if at > 0 else None


def _joined(found: Sequence[tuple[str, str]]) -> str:
    """One question as it is; several turns each under its role."""
    if len(found) == 1:
        return found[0][1]
    return "\n".join(f"{role}: {text}" for role, text in found)
