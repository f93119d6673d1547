"""How much of a known text reappears in another, however it is disguised; also piece by piece in a stream.

The known text (a system prompt, a canary) and three disguises of it (reversed, rot13, words in reverse
order) are cut into overlapping blocks of `BLOCK` squeezed bytes. Of the text that is searched every
`BLOCK`-th block is looked up: a common run of twice that length cannot be missed, and is then followed to
both its ends. What counts in the end are word sequences of the known text that lie wholly within such runs.
"""

from collections.abc import Iterator

from msgspec import Struct

from assaymark.guard.rules.squeeze import reversed_bytes, rot13, squeeze

__all__ = ["Known", "Overlap", "Tracker", "known_text"]

BLOCK = 8
_LONGEST = 400_000
"""Squeezed bytes of a known text that are looked for."""
_PLACES = 8
"""Places of one block in the known text that are followed; a text of one repeated word has many."""
_CONTEXT = 2_000
"""Squeezed bytes of a stream's past that are searched again with each new piece."""


class _Form(Struct, frozen=True):
    """One way in which the known text may reappear."""

    name: str
    data: bytes
    blocks: dict[bytes, tuple[int, ...]]
    sequences: tuple[tuple[int, int], ...]
    """Spans of the word sequences in `data`."""


class Known(Struct, frozen=True):
    """A text to look for."""

    forms: tuple[_Form, ...]
    blocks: frozenset[bytes]
    """Of all forms."""
    total: int
    """Word sequences in it."""
    least: int
    """Squeezed bytes a common run must have to count."""


class Overlap(Struct, frozen=True):
    """How much reappeared, and where in the text searched."""

    share: float
    """Of the known text's word sequences, in the form that shows most."""
    start: int
    end: int
    form: str
    """Disguise in which it reappeared; empty if in none."""


def known_text(text: str, words: int) -> Known | None:
    """What to look for when `text` must not reappear in sequences of `words` words; None if it is shorter.

    A text shorter than one sequence counts as one sequence, if it squeezes to 16 bytes or more.
    """
    parts = [piece.data for piece in map(squeeze, _words(text)) if piece.data]
    while sum(map(len, parts)) > _LONGEST:
        parts = parts[: len(parts) // 2]
    data = b"".join(parts)
    if len(data) < 2 * BLOCK:
        return None
    spans = _sequences(parts, words)
    size = len(data)
    mirrored = tuple((size - end, size - start) for start, end in spans)
    backwards = parts[::-1]
    forms = (
        _form("", data, spans),
        _form("reversed", reversed_bytes(data), mirrored),
        _form("rot13", rot13(data), spans),
        _form("words reversed", b"".join(backwards), _sequences(backwards, words)),
    )
    least = max(2 * BLOCK - 1, min(end - start for start, end in spans))
    blocks = frozenset().union(*(form.blocks for form in forms))
    return Known(forms, blocks, len(spans), min(least, len(data)))


def _words(text: str) -> list[str]:
    """Words; in a script without spaces each letter is one."""
    spaced = (
        "".join(f" {c} " if "\u2e80" <= c <= "\ud7ff" else c for c in text) if not text.isascii() else text
    )
    return spaced.split()


def _sequences(parts: list[bytes], words: int) -> tuple[tuple[int, int], ...]:
    edges = [0]
    for part in parts:
        edges.append(edges[-1] + len(part))
    words = min(words, len(parts))
    return tuple((edges[n], edges[n + words]) for n in range(len(parts) - words + 1))


def _form(name: str, data: bytes, sequences: tuple[tuple[int, int], ...]) -> _Form:
    blocks: dict[bytes, list[int]] = {}
    for at in range(len(data) - BLOCK + 1):
        places = blocks.setdefault(data[at : at + BLOCK], [])
        if len(places) < _PLACES:
            places.append(at)
    return _Form(name, data, {block: tuple(places) for block, places in blocks.items()}, sequences)


class Tracker:
    """Follows one text, given whole or in pieces, and says how much of the known text it has shown."""

    def __init__(self, known: Known) -> None:
        self.known = known
        """What it looks for."""
        self._shown: list[set[int]] = [set() for _ in known.forms]
        self._edges: list[tuple[int, int]] = [(-1, -1) for _ in known.forms]
        self._past = ""
        self._offset = 0

    def feed(self, text: str) -> Overlap | None:
        """Search the next piece together with the end of what came before; None while nothing has shown."""
        window = self._past + text
        squeezed = squeeze(window)
        data = squeezed.data
        blocks = [data[at : at + BLOCK] for at in range(0, len(data) - BLOCK + 1, BLOCK)]
        nothing = self.known.blocks.isdisjoint(blocks)
        for n, form in enumerate(() if nothing else self.known.forms):
            for start, end, at in self._runs(data, blocks, form):
                self._shown[n].update(
                    i for i, (a, b) in enumerate(form.sequences) if at <= a and b <= at + end - start
                )
                low, high = squeezed.span(start, end)
                first, last = self._edges[n]
                low, high = low + self._offset, high + self._offset
                self._edges[n] = (low if first < 0 else min(first, low), max(last, high))
        keep = int(squeezed.index[-_CONTEXT]) if len(squeezed.data) > _CONTEXT else 0
        keep = max(keep, len(window) - 8 * _CONTEXT)
        self._offset += keep
        self._past = window[keep:]
        return self._most()

    def _most(self) -> Overlap | None:
        n = max(range(len(self._shown)), key=lambda i: len(self._shown[i]))
        if not self._shown[n]:
            return None
        share = len(self._shown[n]) / max(1, self.known.total)
        return Overlap(share, *self._edges[n], self.known.forms[n].name)

    def _runs(self, data: bytes, blocks: list[bytes], form: _Form) -> Iterator[tuple[int, int, int]]:
        """(start, end, place in the known text) of each common run that is long enough."""
        least = self.known.least
        done: dict[int, int] = {}
        for n, block in enumerate(blocks):
            for place in form.blocks.get(block, ()):
                at = n * BLOCK
                if done.get(at - place, -1) >= at + BLOCK:
                    continue
                start, end = _extended(data, at, form.data, place)
                done[at - place] = end
                if end - start >= least:
                    yield start, end, place - (at - start)


def _extended(text: bytes, at: int, known: bytes, place: int) -> tuple[int, int]:
    """The longest common run around a common block, as a span of `text`."""
    back = _common(text[max(0, at - place) : at][::-1], known[max(0, place - at) : place][::-1])
    ahead = _common(text[at : at + len(known) - place], known[place : place + len(text) - at])
    return at - back, at + ahead


def _common(a: bytes, b: bytes) -> int:
    """Length of the common beginning; halving, since comparing bytes whole is fast."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
