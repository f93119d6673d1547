"""Addresses in a text: in Markdown, HTML, style sheets, autolinks and plain; what is loaded without a click.

An image is fetched as soon as it is shown, so its address can carry out what the model was made to say. All
forms that a renderer fetches by itself count as images; all others as links.
"""

import html
import itertools
import re
from collections.abc import Iterator

from msgspec import Struct

from assaymark.guard.policy.patterns import byte_pattern
from assaymark.guard.rules.hosts import Target, read_target
from assaymark.guard.rules.plain import as_bytes

__all__ = ["Address", "find_addresses"]

LONGEST = 8_192
"""Characters of one address that are read."""

_AUTO = (
    rb"src|srcset|poster|background|dynsrc|lowsrc|xlink:href|data|imagesrcset|icon|manifest|archive|codebase"
)
_CLICK = rb"href|action|formaction|ping|cite|longdesc|usemap"
_ANCHORS = (
    rb"(?i)\]\(|\]:|\b(?:" + _AUTO + rb"|" + _CLICK + rb")\s{0,9}=|\burl\(|@import\b"
    rb"|https?:|\bftp:|\bwss?:|:[/\\]{2}|\b(?:data|javascript|vbscript|mailto):|\bwww\.[a-z0-9]"
    rb"|\bhttp-equiv\s{0,9}="
)
_ATTRIBUTE = re.compile(rb"(?i)(" + _AUTO + rb"|" + _CLICK + rb")\s{0,9}=\s{0,9}")
_FETCHED_TAG = re.compile(rb"(?i)<(?:link|image|use|base|feimage)\b")
_SPACE = re.compile(rb"[ \t\r\n]{0,100}")
_CLOSING = {b"<": re.compile(b">"), b'"': re.compile(b'"'), b"'": re.compile(b"'")}
_BARE_END = re.compile(rb"[\s>]")
_CANDIDATE = re.compile(rb"[^\s,][^\s]{0,8192}")
_SCHEME = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
_AUTOMATIC = frozenset(_AUTO.split(b"|"))
_PLAIN_END = re.compile(rb"[\s\"'<>`\x00]|\]\(|\)\]|\xff(?=\s)")
_CLOSERS = {ord(")"): b"(", ord("]"): b"[", ord("}"): b"{"}
_TRAILING = b".,;:!?*_~|"
_REFERENCE = re.compile(rb"!\[([^\[\]]{0,300})\](?:\[([^\[\]]{0,300})\])?")
_REFRESH = re.compile(rb"(?i)url\s{0,5}=\s{0,5}")


class Address(Struct, frozen=True):
    """One address and where it stands."""

    start: int
    end: int
    image: bool
    """Whether a renderer fetches it without being asked."""
    target: Target
    hidden: bool = False
    """Whether only markup shows it (a Markdown or HTML target, not plain text)."""


def find_addresses(text: str) -> Iterator[Address]:
    """Every address that leads to another host or runs code, in order; relative ones are left out."""
    data = as_bytes(text)
    reader = _Reader(data, _referenced(data))
    covered = 0
    for found in byte_pattern(_ANCHORS).finditer(data):
        if found.start() < covered:
            continue
        for start, end, image, marked in reader.spans(found.start()):
            if not _ABSOLUTE.match(data, start):
                continue
            raw = text[start:end]
            raw = f"http://{raw}" if raw[:4].lower() == "www." else raw
            target = read_target(html.unescape(raw) if marked and "&" in raw else raw)
            # Never past a space: what follows an unclosed quote is text to another renderer.
            covered = max(covered, min(end, reader.bare_end(start)))
            if target.host or target.script or (target.scheme == "data" and target.data):
                yield Address(start, end, image, target, marked)


_ABSOLUTE = re.compile(
    rb"[\x00-\x20]{0,40}(?:[A-Za-z][A-Za-z0-9+.\s-]{0,40}(?::|&)|[/\\]\s{0,4}[/\\]|&|(?i:www)\.|\xff)"
)
"""What may be more than a relative address, entities and vanishing characters included."""

_Span = tuple[int, int, bool, bool]
"""Start, end, whether it is fetched by itself, whether it stands in markup."""


class _Reader:
    """Where addresses end; ends are remembered, so that no part of the text is searched twice for one."""

    def __init__(self, data: bytes, images: frozenset[bytes]) -> None:
        self._data = data
        self._images = images
        self._known: dict[bytes, tuple[int, int]] = {}

    def spans(self, at: int) -> Iterator[_Span]:
        """The addresses that begin at the anchor `at`."""
        data = self._data
        head = data[at : at + 10].lower()
        if head.startswith(b"]("):
            yield self._destination(at + 2, self._is_image(at))
        elif head.startswith(b"]:"):
            opening = data.rfind(b"[", max(0, at - 300), at)
            name = data[opening + 1 : at].strip().lower() if opening >= 0 else b""
            yield self._destination(at + 2, name in self._images)
        elif head.startswith(b"url("):
            yield self._destination(at + 4, True)
        elif head.startswith(b"@import"):
            yield self._destination(at + 7, True)
        elif head == b"http-equiv":
            if found := _REFRESH.search(data, at, min(len(data), at + 300)):
                yield self._destination(found.end(), True)
        elif attribute := _ATTRIBUTE.match(data, at):
            yield from self._attribute(at, attribute)
        else:
            while data[at : at + 1] == b":" and at > 0 and data[at - 1] in _SCHEME:
                at = _scheme_start(data, at)
            yield at, self._plain_end(at), False, False

    def bare_end(self, at: int) -> int:
        """Where a plain address that begins at `at` surely ends."""
        return self._end(_PLAIN_END, at)

    def _end(self, ending: re.Pattern[bytes], at: int) -> int:
        begun, end = self._known.get(ending.pattern, (0, -1))
        if not begun <= at <= end:
            found = ending.search(self._data, at, at + LONGEST)
            end = found.start() if found else min(len(self._data), at + LONGEST)
            self._known[ending.pattern] = (at, end)
        return end

    def _is_image(self, at: int) -> bool:
        """Whether the bracket that closes at `at` belongs to an image; doubt counts as yes."""
        mark = self._data.rfind(b"![", max(0, at - 1_000), at)
        return mark >= 0 and self._data.find(b"](", mark, at) < 0

    def _destination(self, at: int, image: bool) -> _Span:
        """A Markdown destination or the like: in brackets or quotes, or up to a space or its bracket."""
        data = self._data
        at = _SPACE.match(data, at).end()  # type: ignore[union-attr]
        closing = _CLOSING.get(data[at : at + 1])
        if closing is not None:
            return at + 1, self._end(closing, at + 1), image, True
        end = self._end(_PLAIN_END, at)
        bracket = data.find(b")", at, end)
        while bracket >= 0 and data.count(b"(", at, bracket) > data.count(b")", at, bracket):
            bracket = data.find(b")", bracket + 1, min(end, at + 2_000))
        return at, bracket if bracket >= 0 else end, image, True

    def _attribute(self, at: int, found: re.Match[bytes]) -> Iterator[_Span]:
        name = found.group(1).lower()
        image = name in _AUTOMATIC
        if name == b"href":
            image = self._in_fetched_tag(at)
        start = found.end()
        closing = _CLOSING.get(self._data[start : start + 1])
        if closing is not None:
            start += 1
        end = self._end(closing or _BARE_END, start)
        if name not in (b"srcset", b"imagesrcset"):
            yield start, end, image, True
            return
        for part in itertools.islice(_CANDIDATE.finditer(self._data, start, end), 50):
            yield part.start(), part.end(), True, True

    def _in_fetched_tag(self, at: int) -> bool:
        opening = self._data.rfind(b"<", max(0, at - 300), at)
        return opening >= 0 and _FETCHED_TAG.match(self._data, opening) is not None

    def _plain_end(self, at: int) -> int:
        data = self._data
        end = self._end(_PLAIN_END, at)
        for _ in range(20):
            last = data[end - 1] if end > at else 0
            opening = _CLOSERS.get(last)
            if last not in _TRAILING and not (
                opening and data.count(opening, at, end) < data.count(bytes([last]), at, end)
            ):
                break
            end -= 1
        return end


def _scheme_start(data: bytes, at: int) -> int:
    start = at
    while start > 0 and at - start < 20 and data[start - 1] in _SCHEME:
        start -= 1
    return start


def _referenced(data: bytes) -> frozenset[bytes]:
    """Names of definitions that images refer to, if there are definitions at all."""
    if b"]:" not in data or b"![" not in data:
        return frozenset()
    names = set()
    for found in _REFERENCE.finditer(data):
        names.add((found.group(2) or found.group(1)).strip().lower())
    return frozenset(names)
