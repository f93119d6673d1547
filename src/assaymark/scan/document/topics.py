"""Which topics a text speaks of: one walk over its words, one dictionary look-up a word."""

import functools

from assaymark.scan.document._tables import table, tokens

__all__ = ["topic_ids", "topics_of"]

Phrase = tuple[tuple[str, ...], str]
"""The words after the first, and the topic."""


@functools.cache
def topic_ids() -> frozenset[str]:
    """Every topic there is."""
    return frozenset(table("topics"))


def topics_of(text: str) -> set[str]:
    """Ids of the topics found in `text`."""
    words = tokens(text)
    found: set[str] = set()
    for position, word in enumerate(words):
        for rest, topic in _phrases(word):
            if topic not in found and _follows(words, position + 1, rest):
                found.add(topic)
    return found


def _follows(words: list[str], start: int, rest: tuple[str, ...]) -> bool:
    if len(words) < start + len(rest):
        return False
    return all(_same(words[start + n], pattern) for n, pattern in enumerate(rest))


def _same(word: str, pattern: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern[-1] == "*" else word == pattern


@functools.lru_cache(maxsize=65_536)
def _phrases(word: str) -> tuple[Phrase, ...]:
    exact, open_ended = _index()
    return (*exact.get(word, ()), *(p for stem, p in open_ended.get(word[:3], ()) if word.startswith(stem)))


@functools.cache
def _index() -> tuple[dict[str, list[Phrase]], dict[str, list[tuple[str, Phrase]]]]:
    exact: dict[str, list[Phrase]] = {}
    open_ended: dict[str, list[tuple[str, Phrase]]] = {}
    for topic, phrases in table("topics").items():
        for phrase in phrases:
            first, *rest = (_normal(w) for w in str(phrase).lower().split())
            if first[-1] == "*":
                open_ended.setdefault(first[:3], []).append((first[:-1], (tuple(rest), topic)))
            else:
                exact.setdefault(first, []).append((tuple(rest), topic))
    return exact, open_ended


def _normal(word: str) -> str:
    return word if word[-1] == "*" else tokens(word)[0]
