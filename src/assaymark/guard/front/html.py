"""HTML that a reader does not see: comments, hidden elements, scripts and templates, attributes; and words
cut up by tags. One pass over the tags, linear in the text.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.guard.front.html_styles import hides
from assaymark.guard.front.language import speaks
from assaymark.guard.front.mapped import Found, Run, around, exact, listed, merged

__all__ = ["html"]

_TOKEN = re.compile(r"<!--|</?[A-Za-z][^<>]*+>")
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*+)")
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(?:title|alt|aria-label|aria-description|content|placeholder|summary|data-[\w-]{1,40})\s{0,8}=\s{0,8}"
    r"(?:\"([^\"]{16,}+)\"|'([^']{16,}+)')",
    re.IGNORECASE,
)
_IN_CODE = re.compile(
    r"\"([^\"\n]{24,}+)\"|'([^'\n]{24,}+)'|`([^`]{24,}+)`|//([^\n]{24,}+)|/\*((?:[^*]|\*(?!/)){24,}+)\*/"
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_UNSEEN = frozenset(("script", "template", "noscript"))
_STACK = 256
"""Open elements that are remembered."""
_WORDS = 5
_QUOTES = tuple("\"'`(|/\\")
"""Before `<!--`, these tell of a program that speaks about comments."""
_SPLITS = 3
_INSIDE = re.compile(
    r"(?<!\\)[A-Za-z](?:</?(?:b|i|em|strong|span|font|u|s|a|wbr|mark|small|big|tt|code)(?:\s[^<>]*+)?>){1,6}"
    r"(?!(?:e?s|ed|ing|er)\b)[A-Za-z]"
)
"""Not: the `n` of an escaped line end before a tag, and the ending of a marked-up word."""
_CODED = re.compile(
    r"[A-Za-z0-9+/=_-]{16}|(?:[0-9A-Za-z]{2,8}[\s,:;]){8}|[.·-]{1,5}(?: [.·/-]{1,5}){7}|[%&\\]"
)
"""What may be an encoding: unseen text that says nothing by itself is searched on."""
_COMMENTS_BETWEEN = re.compile(r"(?<=[A-Za-z])<!--[^<>]{0,200}-->(?=[A-Za-z])")


class _Seen(Struct):
    """What the pass over the tags has gathered."""

    comments: list[Run] = []
    hidden: list[Run] = []
    unseen: list[Run] = []
    attributes: list[Run] = []


def html(text: str) -> Iterator[Found]:
    """Each kind of unseen text that says something, and the text without the tags that cut words."""
    seen = _scan(text)
    for name, runs, hidden in (
        ("html_comment", seen.comments, True),
        ("hidden_style", seen.hidden, True),
        ("html_unseen", seen.unseen, False),
        ("html_attribute", sorted(seen.attributes), False),
    ):
        if not runs:
            continue
        said = speaks(" ".join([r.text for r in runs[:64]]))
        if said or (hidden and any(_CODED.search(r.text) for r in runs)):
            yield Found(name=name, made=listed(runs), spans=merged(runs), hidden=hidden, score=said)
    splits = {
        (text[m.start() - 2 : m.start() + 1], text[m.end() - 1 : m.end() + 2]) for m in _INSIDE.finditer(text)
    }
    if len(splits) + len(_COMMENTS_BETWEEN.findall(text)) >= _SPLITS:
        runs = [Run(a, b, "") for a, b in _tags(text)]
        yield Found(name="html_split", made=around(text, runs), spans=merged(runs, 40))


def _tags(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while match := _TOKEN.search(text, at):
        start, at = match.span()
        if match.group() == "<!--":
            end = text.find("-->", at)
            at = end + 3 if end >= 0 else len(text)
        yield start, at


def _scan(text: str) -> _Seen:
    seen = _Seen()
    stack: list[str] = []
    hidden_at = unseen_at = -1
    done = 0
    for start, end in _tags(text):
        if start > done and (hidden_at >= 0 or unseen_at >= 0):
            _keep(text, done, start, seen, hidden=hidden_at >= 0, code=stack[-1:] == ["script"])
        done = end
        if text.startswith("<!--", start):
            _comment(text, start, end, seen)
            continue
        tag = text[start:end]
        named = _NAME.match(tag)
        name = named.group(1).lower() if named else ""
        if tag[1] == "/":
            if name in stack[-_STACK:]:
                while stack.pop() != name:
                    pass
            hidden_at = hidden_at if hidden_at <= len(stack) else -1
            unseen_at = unseen_at if unseen_at <= len(stack) else -1
            continue
        _attributes(text, start, end, seen)
        if name in _VOID or tag.endswith("/>"):
            continue
        stack.append(name)
        if hidden_at < 0 and hides(tag):
            hidden_at = len(stack)
        if unseen_at < 0 and (name in _UNSEEN or 'aria-hidden="true"' in tag):
            unseen_at = len(stack)
    if hidden_at >= 0 and done < len(text):
        _keep(text, done, len(text), seen, hidden=True, code=False)
    return seen


def _keep(text: str, start: int, end: int, seen: _Seen, *, hidden: bool, code: bool) -> None:
    said = text[start:end]
    if said.isspace():
        return
    if hidden and not code:
        seen.hidden.append(Run(start, end, said, exact(start, end)))
    elif not code:
        if said.count(" ") >= _WORDS and speaks(said):
            seen.unseen.append(Run(start, end, said, exact(start, end)))
    else:
        for match in _IN_CODE.finditer(said):
            a, b = (start + n for n in match.span(match.lastindex or 0))
            if text[a:b].count(" ") >= _WORDS and speaks(text[a:b]):
                seen.unseen.append(Run(a, b, text[a:b], exact(a, b)))


def _comment(text: str, start: int, end: int, seen: _Seen) -> None:
    if text[start - 1 : start] in _QUOTES and start:
        return
    last = end - 3 if text.startswith("-->", end - 3) else end
    said = text[start + 4 : last]
    if (said.count(" ") >= 3 and speaks(said)) or _CODED.search(said):
        seen.comments.append(Run(start, end, said, exact(start + 4, last)))


def _attributes(text: str, start: int, end: int, seen: _Seen) -> None:
    if end - start < 24:
        return
    for match in _ATTRIBUTE.finditer(text, start, end):
        which = match.lastindex or 1
        said = match.group(which)
        if said.count(" ") >= _WORDS and speaks(said):
            seen.attributes.append(Run(*match.span(which), said, exact(*match.span(which))))
