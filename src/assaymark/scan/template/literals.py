"""The literal text of a template: what it would say to the model, unconditionally or not."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from assaymark.inspection import Level
from assaymark.scan.template.names import listed

__all__ = ["commands", "is_marker", "judge_literal", "prose"]

_MARKUP = re.compile(r"<[^<>\n]{0,200}>|\[/?[A-Z_]{1,40}\]|<｜[^<>\n]{0,80}｜>|```|[{}\"\\]")
_WORD = re.compile(r"[^\W\d_]{2,}|\d{3,}")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HIDDEN = re.compile("[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\U000e0001\U000e0020-\U000e007f]+")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,12}")
_ACTIVE = re.compile(
    r"<script[\s>]|<iframe[\s>]|<img\s[^>]{0,200}\bsrc\s?=|\bjavascript:|\bon(?:error|load|click)\s?=\s?[\"']"
    r"|!\[[^\]\n]{0,80}\]\(https?://",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?|ftp|wss?)://[^\s\"'<>\\^`{|}]{3,200}", re.IGNORECASE)
_ORDINARY_TAG = re.compile(
    r"</?(?:html|script|head|body|form|input|a|img|iframe|div|p|br|style|link)\b", re.IGNORECASE
)
"""Tags of web pages: words that users write, not markers of a chat format."""


@functools.cache
def _command() -> re.Pattern[str]:
    import yaml

    phrases = yaml.safe_load(Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8"))
    return re.compile("|".join(phrases), re.IGNORECASE)


def prose(text: str) -> int:
    """Words of natural language in `text`, markup and markers aside; two wide characters count as one."""
    plain = _MARKUP.sub(" ", text[:20_000])
    wide = len(_WIDE.findall(plain))
    return len(_WORD.findall(_WIDE.sub(" ", plain))) + wide // 2


def is_marker(text: str) -> bool:
    """Whether a literal that content is compared with is a marker of the format, or a key, not a word."""
    bare = text.strip()
    if not bare or bare.lower() in listed("keys") or not any(c.isalpha() for c in bare):
        return True
    if bare[0] in "<[{|/#@$^~`＜【" or bare[-1] in ">]}|:＞】" or "</" in bare or "|>" in bare:
        return not _ORDINARY_TAG.search(bare)
    return "_" in bare and " " not in bare


def commands(text: str) -> str:
    """The first phrase in `text` that orders a model about behind its user's back; empty if none."""
    match = _command().search(text)
    return match[0] if match else ""


def _hidden(text: str) -> re.Match[str] | None:
    """Invisible characters among visible ones; alone and few, they are what a template removes."""
    found = _HIDDEN.search(_FLAG.sub("", text))
    alone = found is not None and len(text) <= 3 and not _HIDDEN.sub("", text).strip()
    return None if alone else found


def _comment(text: str) -> str:
    """The first HTML comment that says something."""
    start = text.find("<!--")
    for _ in range(20):
        if start < 0:
            break
        end = text.find("-->", start)
        inner = text[start + 4 : end if end >= 0 else start + 4000]
        if prose(inner) >= 3:
            return " ".join(inner.split())[:80]
        start = text.find("<!--", start + 4)
    return ""


def judge_literal(text: str) -> Iterator[tuple[str, Level, str, str]]:
    """Rule, level, subject and message for what is odd in one literal, whenever it is shown."""
    if not text.isascii() and (hidden := _hidden(text)) is not None:
        codes = ", ".join(f"U+{ord(c):04X}" for c in hidden[0][:4])
        yield (
            "template-hidden-text",
            Level.UNKNOWN,
            codes,
            f"Its text holds characters that nobody sees: {codes}.",
        )
    if shown := _comment(text):
        message = f"Its text holds an HTML comment, which a chat window hides: {shown}"
        yield "template-hidden-text", Level.UNKNOWN, "<!--", message
    if (active := _ACTIVE.search(text)) is not None:
        message = f"Its text holds active markup: {active[0][:60]}."
        yield "template-markup", Level.UNKNOWN, active[0][:60], message
    if phrase := commands(text):
        message = f"Its text orders the model about: “{' '.join(phrase.split())[:80]}”."
        yield "template-instruction", Level.UNKNOWN, phrase[:80], message
    if (url := _URL.search(text)) is not None:
        yield "template-url", Level.NOTE, url[0], f"Its text names an address: {url[0][:120]}."
