"""How a document opens: with a question whose words it then takes up? Pure."""

import re
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

__all__ = ["LEAST_ECHO", "Opening", "opening", "stuffing"]

LEAST_ECHO = 0.4
"""Share of a first sentence's content words that the rest has to take up."""

_SENTENCE = re.compile(r"[^.?!\n]{8,300}?(?:[?!]|\.(?=\s|$)|\n)")
_QUESTION = re.compile(
    r"(?:question|q|query)?\s*:?\s*(?:(?:in|at|on|for|from|to|with|by|of)\s+)?"
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|did|does|do|can|could|should|will)\b",
    re.IGNORECASE,
)
_LOOK = 6_000
_SAMPLE = 24
"""Smallest hashes of a body's word pairs, by which two bodies are compared."""
_STOP = frozenset(
    re.findall(
        r"\w+",
        "the of and to a in is that it for on with as are this be by an or from at not was were which who"
        " what when where how why did does do can has have had many much most",
    )
)


class Opening(NamedTuple):
    """The first sentence of a document against the rest."""

    code: int
    """Hash of its words."""
    question: bool
    echo: float
    """Share of its content words that the rest takes up."""
    text: str
    body: tuple[int, ...]
    """Smallest hashes of the rest's pairs of words; alike for near duplicates."""


def opening(document: str) -> Opening | None:
    """The opening, unless the rest does not take it up, or it is too short, or all there is."""
    head = document[:_LOOK].lstrip()
    found = _SENTENCE.match(head)
    if found is None:
        return None
    first, rest = found[0].strip(), head[found.end() :]
    words = re.findall(r"\w+", first.lower())
    content = {w for w in words if w not in _STOP}
    tail = re.findall(r"\w+", rest.lower())
    if len(words) < 4 or len(content) < 2 or len(tail) < 8:
        return None
    known = set(tail)
    echo = sum(w in known or w.rstrip("s") in known or w + "s" in known for w in content) / len(content)
    asks = first.endswith("?") or _QUESTION.match(first) is not None
    if echo < LEAST_ECHO:
        return None
    pairs = {crc32(f"{a} {b}".encode("utf-8", "replace")) for a, b in pairwise(tail)}
    code = int.from_bytes(blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest())
    return Opening(code, asks, echo, first[:200], tuple(sorted(pairs)[:_SAMPLE]))


def stuffing(document: str) -> float:
    """How far a document is a heap of a few words: share of its words that three content words make up."""
    words = re.findall(r"[^\W\d_]{3,}", document[:_LOOK].lower())
    if len(words) < 30:
        return 0.0
    counts = sorted((words.count(w) for w in set(words) if w not in _STOP), reverse=True)
    return sum(counts[:3]) / len(words)
