"""Instructions to a model in markup that people do not see: hidden styles, white on white, comments. Pure.

Hidden elements and comments are on every second page. What counts is that the hidden words tell a model what
to do.
"""

import re
from collections.abc import Sequence

from assaymark.dataset.engines.invisible_payload import Payload
from assaymark.guard.front.html import html

__all__ = ["marked_up", "styled"]

_LOOK = 50_000
"""Characters of a text that are looked at."""
_MAY = re.compile(
    r"<!--|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01]|opacity\s*:\s*0"
    r"|color\s*[:=]\s*[\"']?\s*(?:white|#fff|transparent)|<[a-z]+[^<>]*\shidden\b|(?:left|top|indent)\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules?|above|previous|prior)\b"
    r"|\byou (?:are now|will now|must now)\b"
    r"|\b(?:system prompt|language models?|LLMs?|AI (?:assistants?|models?|agents?)|chatbots?|ChatGPT)\b"
    r"[^.!?]{0,60}\b(?:must|should|always|never|do not|please|recommend|answer|respond|reply|say|send)\b"
    r"|\b(?:if|when) (?:you are|asked|the user asks)\b[^.!?]{0,80}\b(?:answer|respond|reply|say|recommend)\b"
    r"|\balways (?:recommend|answer|respond|reply|say|rank|rate)\b"
    r"|\b(?:do not|never) (?:mention|reveal|tell|warn)\b[^.!?]{0,30}\b(?:user|anyone|this|instruction)",
    re.IGNORECASE,
)
_WAYS = {"html_comment": "a comment", "hidden_style": "an element that is not drawn"}


def marked_up(texts: Sequence[str]) -> list[int]:
    """Numbers of the texts that may hide words by markup."""
    return [n for n, text in enumerate(texts) if "<" in text and _MAY.search(text, 0, _LOOK)]


def styled(text: str) -> Payload | None:
    """Words that tell a model what to do, where people do not see them; None if there are none."""
    text = text[:_LOOK]
    for found in html(text) if _COMMANDS.search(text) else ():
        if found.name not in _WAYS:
            continue
        said = found.made.text
        command = _COMMANDS.search(said)
        if command:
            start, end = found.spans[0]
            begin = max(command.start() - 60, 0)
            return Payload(_WAYS[found.name], " ".join(said[begin : begin + 200].split()), start, end)
    return None
