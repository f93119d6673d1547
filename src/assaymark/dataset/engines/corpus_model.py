"""What is usual in a corpus, learnt from an even sample: how surprising a token is after the one before.

The sample is the documents whose numbers come first in a fixed draw, so it is the same for any split of the
data. Counts are of documents, less one: a document does not explain itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.corpus_stream import distinct, kinds, line_begins
from assaymark.dataset.engines.fields import number_hash
from assaymark.dataset.engines.words import Tokens, chunks, mix, tokenise

__all__ = [
    "GAP",
    "MEASURES",
    "PRIOR",
    "WINDOW",
    "Model",
    "Sample",
    "contrasts",
    "learnt",
    "lots_of",
    "packed",
    "sentence_ends",
]

_ROOM = 8 << 20
"""Characters of the sample."""
_ONE = 4_000
"""Characters of one document in it."""
_WORD_BITS, _PAIR_BITS = 18, 22
_UNKNOWN = 16
"""Eighths of a bit added where a pair of tokens was never seen."""
_FOLLOWS = np.uint64(0xC2B2AE3D27D4EB4F)
WINDOW = 24
"""Tokens before and after a place that are compared."""
GAP = 3
"""Tokens in between, for a phrase."""
PRIOR = 4.0
"""Tokens' worth of what is usual, joined to each window."""
_RARE_SHARE = 0.01
"""Share of documents up to which a word says what a document is about, or whose it is."""
_BREAKS = 0.03
"""Share of the places that are taken to be breaks, by each measure."""
MEASURES = ("surprise", "signs", "numbers", "letters beyond ASCII")

Floats = NDArray[np.float32]


@dataclass
class Sample:
    """State of the first pass."""

    kept: list[tuple[int, int, str]] = field(default_factory=list)
    """Draw, number and text of documents."""
    bound: int = 1 << 64
    """Draws from here on are not kept."""
    size: int = 0
    documents: int = 0
    characters: int = 0

    def add(self, rows: NDArray[np.int64], texts: Sequence[str]) -> None:
        """Take documents in."""
        self.documents += len(texts)
        self.characters += sum(map(len, texts))
        draws = number_hash(rows)
        lucky = np.flatnonzero(draws < np.uint64(min(self.bound, (1 << 64) - 1)))
        for n in lucky.tolist():
            text = _excerpt(texts[n], int(draws[n]))
            self.kept.append((int(draws[n]), int(rows[n]), text))
            self.size += len(text)
        if self.size > 2 * _ROOM:
            self.trim()

    def take(self, other: "Sample") -> None:
        """Take another state in."""
        self.documents += other.documents
        self.characters += other.characters
        self.kept += other.kept
        self.size += other.size
        if self.size > 2 * _ROOM:
            self.trim()

    def trim(self) -> None:
        """Let go of what is beyond the room; late in the draw, so the same is kept in any order."""
        if self.size <= _ROOM:
            return
        self.kept.sort()
        ends = np.cumsum([len(text) for _, _, text in self.kept])
        fits = max(int(np.searchsorted(ends, _ROOM, "right")), 1)
        if fits < len(self.kept):
            self.bound = min(self.bound, self.kept[fits][0])
        del self.kept[fits:]
        self.size = int(ends[fits - 1])


def _excerpt(text: str, draw: int) -> str:
    """Part of a document, from a place that its draw decides."""
    if len(text) <= _ONE:
        return text
    begin = (draw >> 7) % (len(text) - _ONE + 1)
    return text[begin : begin + _ONE]


@dataclass(frozen=True, eq=False)
class Model:
    """What is usual."""

    alone: NDArray[np.uint8]
    """Eighths of a bit that a token costs by itself."""
    last: NDArray[np.uint8]
    """The same for the last token of a line, a sentence or a text, and for the first of the next."""
    first: NDArray[np.uint8]
    known: NDArray[np.uint8]
    """Eighths of a bit: log of how many documents have the token."""
    pair: NDArray[np.uint8]
    """1 + eighths of a bit: log of how many other documents have the pair; 0 for none."""
    usual: NDArray[np.float64]
    """Mean of each measure over all tokens."""
    breaks: NDArray[np.float64]
    """Contrast from which a place is a break, by each measure."""
    spread: NDArray[np.float64]
    """Standard deviation of each contrast."""
    rare: NDArray[np.bool_]
    """Whether a token stands in few documents of the sample, but in several."""
    documents: int
    characters: int

    def surprise(self, tokens: Tokens) -> NDArray[np.uint64]:
        """Eighths of a bit that each token costs after the one before."""
        word = _word(tokens.key)
        alone = self.alone[word].astype(np.int16) + np.int16(_UNKNOWN)
        together = self.pair[_pair(tokens.key)].astype(np.int16)
        after = alone.copy()
        after[1:] = np.where(
            together > 0, self.known[word[:-1]].astype(np.int16) - together + np.int16(1), alone[1:]
        )
        cost: NDArray[np.uint64] = np.clip(np.minimum(alone, after), 0, 255).astype(np.uint64)
        return cost


def _word(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - _WORD_BITS)).astype(np.int64)


def _pair(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Place of each token together with the one before; one fewer than tokens."""
    return (mix(keys[:-1] * _FOLLOWS + keys[1:]) >> np.uint64(64 - _PAIR_BITS)).astype(np.int64)


def contrasts(
    tokens: Tokens, packed: NDArray[np.uint64], begin: NDArray[np.int64], gap: int, usual: NDArray[np.float64]
) -> Floats:
    """(measures, places) Mean of each measure after a phrase less the mean before it.

    Args:
        tokens: the stream.
        packed: sums of the measures up to each token, from 0, in fields of sixteen bits.
        begin: first tokens of the phrases.
        gap: tokens of the phrases.
        usual: what both sides are drawn to.
    """
    text = tokens.text[begin]
    low, high = tokens.first[text], tokens.first[text + 1]
    left = np.maximum(begin - WINDOW, low)
    right = np.minimum(begin + gap, high)
    end = np.minimum(right + WINDOW, high)
    before, after = packed[begin] - packed[left], packed[end] - packed[right]
    size_before = (begin - left).astype(np.float32) + np.float32(PRIOR)
    size_after = (end - right).astype(np.float32) + np.float32(PRIOR)
    made = np.empty((len(MEASURES), len(begin)), np.float32)
    for n in range(len(MEASURES)):
        shift, prior = np.uint64(16 * n), np.float32(PRIOR * usual[n])
        one = ((after >> shift) & np.uint64(0xFFFF)).astype(np.float32)
        other = ((before >> shift) & np.uint64(0xFFFF)).astype(np.float32)
        made[n] = (one + prior) / size_after - (other + prior) / size_before
    return made


def packed(model: Model, tokens: Tokens) -> NDArray[np.uint64]:
    """Sums of all measures up to each token: one more number than tokens."""
    sums = np.zeros(len(tokens) + 1, np.uint64)
    np.cumsum(model.surprise(tokens) + kinds(tokens), out=sums[1:])
    return sums


def _counted(keys: NDArray[np.uint64], text: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """How many texts have each place of a table."""
    place = (keys >> np.uint64(64 - bits)).astype(np.int64)
    counted: NDArray[np.int64] = np.bincount(distinct((place << 32) | text) >> 32, minlength=1 << bits)
    return counted


def lots_of(sample: Sample) -> list[Tokens]:
    """The sample's documents, tokenised."""
    sample.trim()
    return [tokenise(lot) for _, lot in chunks([text for _, _, text in sorted(sample.kept)])]


def _cost(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Eighths of a bit that each place of a table costs."""
    total = max(float(counts.sum()), 1.0)
    cost: NDArray[np.uint8] = np.clip(8 * np.log2(total / np.maximum(counts - 1, 0.5)), 0, 239).astype(
        np.uint8
    )
    return cost


def sentence_ends(tokens: Tokens) -> NDArray[np.bool_]:
    """Whether a line or a sentence ends between each token and the next; the marks of texts left out."""
    lead = np.frombuffer(tokens.data, np.uint8)[tokens.start]
    single = tokens.end - tokens.start == 1
    stop = single & np.isin(lead, (0x21, 0x2E, 0x3F))
    ends: NDArray[np.bool_] = line_begins(tokens)[1:] | stop[:-1]
    return ends & (lead[1:] > 3) & (lead[:-1] > 3)


def learnt(sample: Sample, lots: Sequence[Tokens]) -> Model:
    """The model of a sample."""
    words = np.zeros(1 << _WORD_BITS, np.int64)
    both = np.zeros(1 << _PAIR_BITS, np.int64)
    last, first = np.zeros_like(words), np.zeros_like(words)
    for tokens in lots:
        ends = sentence_ends(tokens)
        last += _counted(tokens.key[:-1][ends], tokens.text[:-1][ends], _WORD_BITS)
        first += _counted(tokens.key[1:][ends], tokens.text[1:][ends], _WORD_BITS)
        words += _counted(tokens.key, tokens.text, _WORD_BITS)
        keys = mix(tokens.key[:-1] * _FOLLOWS + tokens.key[1:])
        inside = tokens.text[1:] == tokens.text[:-1]
        both += _counted(keys[inside], tokens.text[1:][inside], _PAIR_BITS)
    alone = _cost(words)
    known = np.clip(8 * np.log2(np.maximum(words, 1)), 0, 239).astype(np.uint8)
    pair = np.zeros(len(both), np.uint8)
    often = np.flatnonzero(both >= 2)
    pair[often] = 1 + np.clip(8 * np.log2(both[often] - 1), 0, 239).astype(np.uint8)
    none = np.zeros(len(MEASURES))
    rare = (words >= 2) & (words <= max(_RARE_SHARE * len(sample.kept), 3))
    model = Model(
        alone,
        _cost(last),
        _cost(first),
        known,
        pair,
        none,
        none,
        none,
        rare,
        sample.documents,
        sample.characters,
    )
    return _measured(model, lots)


def _measured(model: Model, lots: Sequence[Tokens]) -> Model:
    """With what is usual of each measure, and what contrast is rare."""
    sums, count = np.zeros(len(MEASURES)), 0
    streams = [packed(model, tokens) for tokens in lots]
    for tokens in lots:
        each = model.surprise(tokens) + kinds(tokens)
        count += len(tokens)
        for n in range(len(MEASURES)):
            sums[n] += int(((each >> np.uint64(16 * n)) & np.uint64(0xFFFF)).sum())
    usual = sums / max(count, 1)
    found = [np.zeros((len(MEASURES), 1), np.float32)]
    found += [
        contrasts(tokens, stream, np.arange(0, len(tokens), 3), GAP, usual)
        for tokens, stream in zip(lots, streams, strict=True)
    ]
    values = np.concatenate(found, axis=1).astype(np.float64)
    values[1:] = np.abs(values[1:])
    breaks = np.maximum(np.quantile(values, 1 - _BREAKS, axis=1), [4.0, 0.3, 0.3, 0.3])
    spread = np.maximum(np.sqrt((values**2).mean(axis=1)), [2.0, 0.05, 0.05, 0.05])
    return replace(model, usual=usual, breaks=breaks, spread=spread)
