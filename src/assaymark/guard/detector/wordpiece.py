"""BERT's uncased WordPiece: text to the token numbers that the encoder was trained on.

The same steps as the reference (`BertNormalizer`, `BertPreTokenizer`, `WordPiece` of the `tokenizers`
package, against which the tests compare): drop control characters, set Han characters apart, strip
accents, lower-case, split at space and punctuation, then the longest known pieces from the left.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from assaymark.errors import AssaymarkError

__all__ = ["WordPiece"]

_LONGEST_WORD = 100
"""Longer words are `[UNK]`, as in the reference."""
_CACHED = 50_000
_CACHED_LENGTH = 64

# White space of the reference: other Python space characters are controls there and vanish.
_CHUNK = re.compile(r"[^\t\n\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cs"})
_HAN = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """A vocabulary and a cache of the words seen.

    Args:
        vocabulary: the content of a `vocab.txt`, one piece a line; its line is its number.
    """

    def __init__(self, vocabulary: str) -> None:
        pieces = vocabulary.split("\n")
        self._numbers = {piece.rstrip("\r"): n for n, piece in enumerate(pieces) if piece}
        missing = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"} - self._numbers.keys()
        if missing:
            raise AssaymarkError(
                f"The detector's vocabulary lacks {', '.join(sorted(missing))}.",
                "Reinstall the package: its weights are damaged.",
            )
        self._unknown = self._numbers["[UNK]"]
        self._first, self._last = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._longest = max(map(len, self._numbers))
        self._cache: dict[str, tuple[int, ...]] = {}
        self.pad = self._numbers["[PAD]"]
        """Number that fills shorter rows of a batch."""

    @classmethod
    def load(cls, path: Path) -> "WordPiece":
        """Read a `vocab.txt` (training; the product reads it through `weights`, which checks its digest)."""
        return cls(path.read_text(encoding="utf-8"))

    @property
    def cached(self) -> int:
        """Number of words in the cache."""
        return len(self._cache)

    def encode(self, text: str, most: int) -> list[int]:
        """Token numbers of `text` between `[CLS]` and `[SEP]`, at most `most` in all."""
        numbers = [self._first]
        cache = self._cache
        for match in _CHUNK.finditer(text):
            chunk = match.group()
            known = cache.get(chunk)
            if known is None:
                known = self._learn(chunk, most)
            numbers += known
            if len(numbers) >= most:
                break
        del numbers[most - 1 :]
        numbers.append(self._last)
        return numbers

    def _learn(self, chunk: str, most: int) -> tuple[int, ...]:
        """Numbers of text without space, kept for the next time unless it is long."""
        numbers: list[int] = []
        for word in _words(chunk):
            numbers += self._pieces(word)
            if len(numbers) >= most:
                break
        found = tuple(numbers)
        if len(chunk) <= _CACHED_LENGTH and len(numbers) < most:
            if len(self._cache) >= _CACHED:
                # Starting afresh costs less than order kept on every look-up.
                self._cache = {}
            self._cache[chunk] = found
        return found

    def _pieces(self, word: str) -> list[int]:
        """The longest known pieces from the left; `[UNK]` if they do not make up the word."""
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        whole = self._numbers.get(word)
        if whole is not None:
            return [whole]
        numbers: list[int] = []
        start, prefix = 0, ""
        while start < len(word):
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self._numbers.get(prefix + word[start:end])
                if number is not None:
                    break
            else:
                return [self._unknown]
            numbers.append(number)
            start, prefix = end, "##"
        return numbers


def _words(chunk: str) -> Iterator[str]:
    """The words and punctuation marks of text without space, normalised."""
    if chunk.isascii() and chunk.isalnum():
        yield chunk.lower()
        return
    begun: list[str] = []
    for character in _normalised(chunk):
        if character == " " or _is_punctuation(character):
            if begun:
                yield "".join(begun)
                begun = []
            if character != " ":
                yield character
        else:
            begun.append(character)
    if begun:
        yield "".join(begun)


def _normalised(chunk: str) -> str:
    """Without controls and accents, in lower case, Han characters between spaces."""
    kept = "".join(_spaced(c) for c in chunk if not _is_dropped(c))
    if kept.isascii():
        return kept.lower()
    parted = unicodedata.normalize("NFD", kept)
    bare = (c for c in parted if unicodedata.category(c) != "Mn")
    # One by one: over a whole word, lower() would give Greek its final sigma, which the reference does not.
    return "".join(c.lower() for c in bare)


def _is_dropped(character: str) -> bool:
    """NUL, the replacement character, controls, formats, private use and surrogates."""
    return character == "\ufffd" or unicodedata.category(character) in _DROPPED


def _spaced(character: str) -> str:
    """A Han character between spaces; any other as it is."""
    if character < "\u3400":
        return character
    return f" {character} " if any(a <= ord(character) <= b for a, b in _HAN) else character


def _is_punctuation(character: str) -> bool:
    """ASCII symbols and Unicode's punctuation."""
    if character.isascii():
        return not character.isalnum() and character.isprintable()
    return unicodedata.category(character)[0] == "P"
