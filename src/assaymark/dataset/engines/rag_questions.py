"""The questions that a document asks, and how far the rest of it takes their words up. Pure.

A question is known by its content words, in any order: `Who is the CEO of Acme?` and `Acme's CEO is who?` are
one.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

__all__ = ["Asked", "Question", "asked", "content", "opens", "questions", "stuffing", "title"]

_LOOK = 6_000
_MOST = 12
"""Questions of one document."""
_STOP = frozenset(
    re.findall(
        r"\w+",
        "the of and to a in is that it for on with as are this be by an or from at not was were which who"
        " whom whose what when where how why did does do can could should will would has have had"
        " many much most if s t i you your my me we our us they he she his her"
        " its there been being than then so about into",
    )
)
_LEANS = frozenset(
    re.findall(
        r"\w+",
        "this these that those following below above here it its them they he she you your my me i we us our",
    )
)
"""Words by which a question leans on what stands around it, or on the one who is asked."""
_WORD = re.compile(r"\w+")
_MARKED = re.compile(r"[^.?!\n]{8,300}\?")
_NAME = re.compile(r"\s*(?:question|query|q)\s*\d{0,3}\s*[:.)]\s*", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:(?:in|at|on|for|from|to|with|by|of|during|under)\s+)?"
    r"(?:(?:who|whom|whose|what|which|how|is|are|was|were|did|does|do|can|could|should|will)\b"
    r"|(?:when|where|why)(?:['\u2019]s\b|\s+(?:is|are|was|were|did|does|do|can|could|should|shall|will|would|has"
    r"|have|had|may|might|must|to|not)\b))",
    re.IGNORECASE,
)
"""`When`, `where` and `why` ask only before a verb: `When creating a token, …` does not."""
_SENTENCE = re.compile(r"[^.?!\n]{8,300}?(?:[?!]|\.(?=\s|$|[A-Z])|\n|$)")
_CODE = frozenset("{}();=<>|")
"""Signs that no title has."""
_PREFIXES = (5, 7)
"""So many first words of a document that begins as questions do: it is known by them if no sign ends it."""
_PREFIX_WORDS = 3
"""Content words among them, at least."""
_PREFIX_CODE = 0x9E3779B9


class Question(NamedTuple):
    """A question in a document."""

    code: int
    """Hash of its content words."""
    begin: int
    end: int


class Asked(NamedTuple):
    """A question that several documents have, in one of them."""

    row: int
    text: str
    leans: bool
    """Whether it means something only beside what stands around it."""
    place: float
    """Where it begins: 0 at the beginning of the document, 1 at its end."""
    echo: float
    """Share of its content words that the rest takes up."""
    body: frozenset[int]
    """Hashes of the rest's pairs of words."""


def _hash(words: list[str]) -> int:
    return int.from_bytes(blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest())


def content(text: str) -> list[str]:
    """Content words, the plural's s left off, each once, in alphabetical order."""
    return sorted({w.rstrip("s") or w for w in _WORD.findall(text.lower()) if w not in _STOP})


def _question(text: str, begin: int) -> Question | None:
    named = _NAME.match(text)
    text, begin = (text[named.end() :], begin + named.end()) if named else (text, begin)
    known_by = content(text)
    if len(known_by) < 2 or text.count(" ") < 3:
        return None
    return Question(_hash(known_by), begin, begin + len(text))


def opens(document: str) -> bool:
    """Whether a document begins as questions do."""
    head = document[:40].lstrip()
    named = _NAME.match(head)
    return _ASKS.match(head, named.end() if named else 0) is not None


def _prefixes(head: str, start: int) -> Iterator[Question]:
    """First words of a beginning that asks, as a question that no sign ends."""
    words = head[start : start + 200].split(None, max(_PREFIXES))
    end = start
    for number, word in enumerate(words[:-1], 1):
        end = head.find(word, end) + len(word)
        if word[-1] in ".?!":
            return
        if number in _PREFIXES and len(content(head[start:end])) >= _PREFIX_WORDS:
            yield Question(_hash(head[start:end].lower().split()) ^ _PREFIX_CODE, start, end)


def questions(document: str) -> Iterator[Question]:
    """The questions of a document: with their sign anywhere, or without it at its beginning."""
    head = document[:_LOOK]
    if opens(head):
        start = len(head) - len(head.lstrip())
        first = _SENTENCE.match(head, start)
        if first and not first[0].endswith("?"):
            found = _question(first[0].rstrip(".!\n "), start)
            if found:
                yield found
        yield from _prefixes(head, start)
    if "?" in head:
        for match, _ in zip(_MARKED.finditer(head), range(_MOST), strict=False):
            found = _question(match[0], match.start())
            if found:
                yield found


def asked(document: str, row: int, code: int, common: str = "") -> Asked | None:
    """The question with this hash in a document.

    Args:
        document: its text.
        row: its number.
        code: of the question.
        common: what it is known to begin with, if more than the question's own letters.
    """
    for found in questions(document):
        if found.code == code:
            return _asked(document[:_LOOK], row, found, common)
    return None


def _asked(document: str, row: int, found: Question, common: str) -> Asked:
    end = max(found.end, found.begin + len(common))
    text = document[found.begin : end].strip()
    rest = document[: found.begin] + " " + document[end:]
    tail = _WORD.findall(rest.lower())
    known_by = content(text)
    known = {w.rstrip("s") or w for w in tail}
    pairs = frozenset(crc32(f"{a} {b}".encode("utf-8", "replace")) for a, b in pairwise(tail))
    return Asked(
        row,
        " ".join(text.split())[:200],
        not _LEANS.isdisjoint(_WORD.findall(text.lower())),
        found.begin / max(len(document), 1),
        sum(w in known for w in known_by) / max(len(known_by), 1),
        pairs,
    )


def title(document: str, one_in: int = 1) -> tuple[int, float] | None:
    """Hash of the first sentence that is no question, and the share of its words that the rest takes up.

    Args:
        document: its text.
        one_in: of first sentences, by their hash, this share is looked at.
    """
    head = document[:_LOOK].lstrip()
    first = _SENTENCE.match(head)
    if first is None or crc32(first[0].encode("utf-8", "replace")) % one_in:
        return None
    if first[0].endswith("?") or opens(head) or not _CODE.isdisjoint(first[0]):
        return None
    known_by = content(first[0])
    if len(known_by) < 2:
        return None
    known = {w.rstrip("s") or w for w in _WORD.findall(head[first.end() :].lower())}
    if len(known) < 6:
        return None
    return _hash(known_by), sum(w in known for w in known_by) / len(known_by)


def stuffing(document: str) -> float:
    """How far a document is a heap of a few words: share of its words that three content words make up."""
    pieces = document[:_LOOK].lower().split()
    if len(pieces) < 30 or len(set(pieces)) > 0.6 * len(pieces):
        return 0.0
    words = re.findall(r"[^\W\d_]{3,}", document[:_LOOK].lower())
    if len(words) < 30:
        return 0.0
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return sum(sorted((n for w, n in counts.items() if w not in _STOP), reverse=True)[:3]) / len(words)
