"""A prompt's text with its insertions → which are untrusted, and whether they stand between delimiters."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from assaymark.observation import Location
from assaymark.scan.facts import PromptText

__all__ = ["Hole", "Piece", "names_untrusted", "prompt_text", "states_untrusted"]


class Hole(Struct, frozen=True):
    """Where something is inserted into a prompt."""

    name: str
    untrusted: bool | None = None
    """Known from where its value comes from; None leaves it to the name."""


Piece = str | Hole
"""A prompt is a sequence of literal text and holes."""

_UNTRUSTED_WORDS = frozenset(
    [
        "user",
        "input",
        "question",
        "query",
        "message",
        "messages",
        "context",
        "document",
        "documents",
        "doc",
        "docs",
        "email",
        "emails",
        "mail",
        "page",
        "pages",
        "webpage",
        "html",
        "url",
        "content",
        "contents",
        "article",
        "transcript",
        "chunk",
        "chunks",
        "passage",
        "passages",
        "snippet",
        "snippets",
        "result",
        "results",
        "retrieved",
        "search",
        "history",
        "conversation",
        "chat",
        "comment",
        "comments",
        "review",
        "reviews",
        "feedback",
        "ticket",
        "issue",
        "body",
        "diff",
        "patch",
        "pr",
        "description",
        "resume",
        "cv",
        "file",
        "files",
        "upload",
        "uploaded",
        "tool",
        "observation",
        "output",
        "response",
        "answer",
        "request",
        "prompt",
        "text",
        "data",
        "source",
        "sources",
        "excerpt",
        "excerpts",
        "post",
        "tweet",
        "feedbacks",
        "complaint",
        "attachment",
        "attachments",
    ]
)
_TRUSTED_WORDS = frozenset(
    [
        "system",
        "instructions",
        "instruction",
        "format",
        "schema",
        "persona",
        "role",
        "tone",
        "language",
        "date",
        "today",
        "now",
        "time",
        "tools",
        "example",
        "examples",
        "version",
        "model",
        "name",
        "guidelines",
        "rules",
        "policy",
        "locale",
        "limit",
        "max",
        "min",
        "count",
        "number",
        "length",
        "style",
        "brand",
        "company",
        "config",
        "settings",
    ]
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,60})[^<>]{0,200}>")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,}|\"{3,}|'{3,}|-{3,}|={3,}|#{3,}|\*{3,})", re.MULTILINE)
_SQUARE = re.compile(r"\[(/?)([A-Z][A-Z_ ]{2,40})\]")
_QUOTES = ('"', "'", "`", "“", "«", "‹")
_CLOSING = {"“": "”", "«": "»", "‹": "›"}
_STATED = re.compile(
    r"\b(untrusted|not\s+(?:as\s+)?instructions|never\s+(?:follow|obey|execute)|do\s+not\s+(?:follow|obey|execute|act"
    r"\s+on)|don't\s+(?:follow|obey|execute)|ignore\s+any\s+(?:instructions|commands|requests)"
    r"|treat\s+[\w\s<>`'\"]{1,60}\s+as\s+(?:data|content|text|information))\b",
    re.IGNORECASE,
)
_MARK = "\x00"


def names_untrusted(name: str) -> bool:
    """Whether a placeholder's name says that a user, a document or a tool wrote what goes there."""
    words = {w.lower() for w in _WORD.findall(name.split("(", maxsplit=1)[0])}
    return bool(words & _UNTRUSTED_WORDS) and not words & _TRUSTED_WORDS


def states_untrusted(text: str) -> bool:
    """Whether the text tells the model to take inserted content as data, not as instructions."""
    return _STATED.search(text) is not None


def prompt_text(
    name: str, pieces: Sequence[Piece], at: Location, *, role: str = "", in_file: bool = False
) -> PromptText:
    """The fact for one prompt."""
    holes = [p for p in pieces if isinstance(p, Hole)]
    plain = "".join(p for p in pieces if isinstance(p, str)).replace(_MARK, "")
    marked = "".join(p.replace(_MARK, "") if isinstance(p, str) else _MARK for p in pieces)
    shown = "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in pieces)
    untrusted = [h.untrusted if h.untrusted is not None else names_untrusted(h.name) for h in holes]
    fenced = _delimited(marked, untrusted)
    return PromptText(
        at=at,
        name=name[:120],
        role=role,
        sha256=hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest(),
        length=len(shown),
        placeholders=_distinct(h.name for h in holes),
        untrusted=_distinct(h.name for h, bad in zip(holes, untrusted, strict=True) if bad),
        delimited=all(fenced) if fenced else None,
        states_untrusted=states_untrusted(plain),
        in_file=in_file,
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n[:80] for n in names))[:50]


def _delimited(marked: str, untrusted: Sequence[bool]) -> list[bool]:
    """For each untrusted hole, whether it stands between delimiters (at most two hundred are looked at)."""
    if not any(untrusted):
        return []
    if not marked.strip(" \t\r\n" + _MARK) and len(untrusted) == 1:
        return [True]  # a message of its own: the role sets it apart
    spans = _spans(marked)
    places = [m.start() for m in re.finditer(_MARK, marked)]
    chosen = [p for p, bad in zip(places, untrusted, strict=True) if bad][:200]
    return [_quoted(marked, p) or any(a <= p < b for a, b in spans) for p in chosen]


def _spans(marked: str) -> list[tuple[int, int]]:
    """Stretches between an opening and a closing delimiter."""
    spans: list[tuple[int, int]] = []
    for pattern in (_TAG, _SQUARE):
        opened: dict[str, int] = {}
        for found in pattern.finditer(marked):
            word = found.group(2)
            if found.group(1):
                if word in opened:
                    spans.append((opened.pop(word), found.start()))
            else:
                opened[word] = found.end()
    return (spans + _fences(marked))[:400]


def _fences(marked: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened: dict[str, int] = {}
    for found in _FENCE.finditer(marked):
        mark = found.group(1)[:3]
        if mark == "###" and marked[found.end() : found.end() + 2].strip():
            continue  # a heading
        if mark in opened:
            spans.append((opened.pop(mark), found.start()))
        else:
            opened[mark] = found.end()
    return spans


def _quoted(marked: str, place: int) -> bool:
    before, after = marked[:place][-3:], marked[place + 1 : place + 4]
    return any(before.endswith(q) and after.startswith(_CLOSING.get(q, q)) for q in _QUOTES)
