"""Signs in a record's text: characters nobody sees, and sentences meant for an assistant."""

import re

__all__ = ["addresses_assistant", "has_hidden_characters"]

_HIDDEN = re.compile("[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\U000e0001\U000e0020-\U000e007f]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,12}")
"""Flags of England, Scotland and Wales are written with tag characters."""
_INSTRUCTION = re.compile(
    r"\b(ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|of|these|my)\s+){0,3}"
    r"(?:previous|prior|above|earlier|preceding|system)\s+(?:instructions?|prompts?|messages?|rules|directions)"
    r"|\bdo not (?:tell|inform|alert|mention (?:this )?to) the user\b"
    r"|\b(?:reveal|print|repeat|output) (?:your|the) (?:system prompt|hidden instructions)\b"
    r"|<\|(?:im_start|im_end|system)\|>\s*system|\[/?INST\]\s*<<SYS>>"
    r"|\bnew (?:system )?instructions?\s*:",
    re.IGNORECASE,
)


def has_hidden_characters(text: str) -> bool:
    """Whether `text` holds zero-width, bidirectional-override or tag characters."""
    if text.isascii():
        return False
    return _HIDDEN.search(_FLAG.sub("", text)) is not None


def addresses_assistant(text: str) -> bool:
    """Whether `text` tries to give orders to a model that reads it."""
    return _INSTRUCTION.search(text) is not None
