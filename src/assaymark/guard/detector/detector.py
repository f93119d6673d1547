"""How far a text tries to change whom the model obeys, and where: the linear model, then the encoder.

The linear model looks at every window; the encoder at the most suspicious ones. A text's score is the
highest of its encoded windows.
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assaymark.errors import AssaymarkError
from assaymark.guard.detector.encoder import Encoder, Recent
from assaymark.guard.detector.features import bucketed
from assaymark.guard.detector.weights import Weights, load_weights
from assaymark.guard.detector.windows import WINDOW_WORDS, long_spans, windows
from assaymark.guard.detector.wordpiece import WordPiece
from assaymark.guard.event import Channel, Reason

__all__ = ["Budget", "Detector", "Score", "head_of"]

_HEADS = {
    Channel.SYSTEM: "user",
    Channel.USER: "user",
    Channel.TOOL_DESCRIPTION: "tool",
    Channel.TOOL_ARGUMENTS: "document",
    Channel.TOOL_RESULT: "document",
    Channel.DOCUMENT: "document",
    Channel.ASSISTANT: "output",
    Channel.OUTPUT: "output",
}
_BLOCK = 65_536
"""Code points of windows whose features are held at once; keeps memory flat on long texts."""
_EXPLAINED = 0.05
"""From this probability upwards a score carries its reasons."""
_KEPT_WINDOWS, _KEPT_SCORES = 16_384, 8_192
_MOST_ROWS = 4
"""Rows of one window; only the coarse windows of enormous texts have more tokens."""
_SHARED_TOKENS = 16
"""Tokens by which the rows of a window overlap, about."""
_WIDEST = 60.0
"""Largest log-odds; beyond, a probability is 0 or 1 to every digit."""


def head_of(channel: Channel) -> str:
    """Which head judges text on `channel`."""
    return _HEADS[channel]


class Budget(Struct, frozen=True):
    """How much of one message, all its texts together, the encoder may read."""

    windows: int = 3
    """Windows of one text, the most suspicious ones; of a head with smaller windows, more."""
    tokens: int = 512
    """New tokens of one message, some 35 ms of one core; what was read lately is free. At least one
    window is always read."""


_BUDGET = Budget()


class Score(Struct, frozen=True, kw_only=True):
    """How suspicious a text is on one head, where, and why."""

    head: str
    probability: float = 0.0
    """Between 0 and 1; compare with the head's threshold."""
    start: int = 0
    """First code point of the one to three sentences that look worst; of the worst window below a
    probability of 0.05."""
    end: int = 0
    linear: float = 0.0
    """Log-odds of the worst window by the linear model."""
    encoder: float | None = None
    """By the encoder; None if the budget was spent before this text."""
    reasons: tuple[Reason, ...] = ()
    """What raised it, in log-odds of the whole; none below a probability of 0.05."""
    windows: int = 0
    """Windows of the text."""
    encoded: int = 0
    """Of which the encoder has read so many."""

    @property
    def score(self) -> float:
        """The probability, by the name that the core uses."""
        return self.probability


class _Text(NamedTuple):
    """One text on its way through the cascade."""

    text: str
    head: int
    windows: NDArray[np.int64]
    """(count, 2) Long windows."""
    linear: NDArray[np.float64]
    """(count,) Log-odds of the head."""
    order: list[int]
    """Windows worth encoding, most suspicious first."""
    encoded: dict[int, float]
    """Window → the encoder's log-odds."""


class Detector:
    """Both models, ready; may be used by several threads.

    Args:
        weights: checked and read.
        threads: for one row of the encoder.
    """

    def __init__(self, weights: Weights, threads: int = 1) -> None:
        manifest = weights.manifest
        self.heads = manifest.heads
        """Names of the heads."""
        self.thresholds = dict(manifest.threshold)
        """Shipped operating point of each head."""
        self.version = f"{manifest.version}+{weights.digest[:16]}"
        """Version and digest of the weights, for `Decision.detector`."""
        self._manifest = manifest
        self._linear = weights.linear
        self._tokens = WordPiece(weights.vocabulary)
        self._encoder = Encoder(weights.encoder, len(self.heads), threads)
        self._windows: Recent[bytes, tuple[float, ...]] = Recent(_KEPT_WINDOWS)
        self._scores: Recent[tuple[bytes, str, int], Score] = Recent(_KEPT_SCORES)

    @classmethod
    def load(cls, path: Path | None = None, threads: int = 1) -> "Detector":
        """With the weights in the folder `path`, or those of the package."""
        return cls(load_weights(path), threads)

    def score(self, text: str, head: str, budget: Budget = _BUDGET) -> Score:
        """The score of one text."""
        return self.score_many([(text, head)], budget)[0]

    def score_many(self, items: Sequence[tuple[str, str]], budget: Budget = _BUDGET) -> list[Score]:
        """The scores of the (text, head) pairs of one message, which share `budget`.

        Raises:
            AssaymarkError: a head that the weights do not have, or an encoder that gives no numbers.
        """
        keys = [(_digest(text), self._named(head), budget.windows) for text, head in items]
        known = {key: score for key in keys if (score := self._scores.get(key)) is not None}
        texts = {
            key: self._begun(text, self.heads.index(head), budget)
            for key, (text, head) in zip(keys, items, strict=True)
            if key not in known
        }
        self._encode(list(texts.values()), budget)
        for key, begun in texts.items():
            known[key] = self._judged(begun)
            # A score cut short by the tokens spent on others may be better next time.
            if len(begun.encoded) == len(begun.order):
                self._scores.put(key, known[key])
        return [known[key] for key in keys]

    def _named(self, head: str) -> str:
        if head not in self.heads:
            raise AssaymarkError(
                f"The detector has no head {head!r}.", f"Use one of {', '.join(self.heads)}."
            )
        return head

    def _begun(self, text: str, head: int, budget: Budget) -> _Text:
        """Windows and their linear scores."""
        words = self._manifest.window_words[self.heads[head]]
        found = long_spans(text, words)
        linear = self._linear_logits(text, found, head)
        order = np.argsort(-linear, kind="stable")[: max(1, budget.windows * WINDOW_WORDS // words)].tolist()
        return _Text(text, head, found, linear, order, {})

    def _linear_logits(self, text: str, spans: NDArray[np.int64], head: int) -> NDArray[np.float64]:
        """(count,) log-odds of windows in order, a block of the text at a time."""
        logits = np.empty(len(spans))
        first = 0
        while first < len(spans):
            begin = int(spans[first, 0])
            last = max(first + 1, int(np.searchsorted(spans[:, 0], begin + _BLOCK)))
            stop = int(spans[first:last, 1].max())
            features = bucketed(text[begin:stop])
            logits[first:last] = self._linear.logits(features, spans[first:last] - begin, head)[:, 0]
            first = last
        return logits

    def _encode(self, texts: list[_Text], budget: Budget) -> None:
        """Have the encoder read the windows, most suspicious first, while the budget lasts."""
        wanted = [
            (self._total(text.head, float(text.linear[n]), None), k, n)
            for k, text in enumerate(texts)
            for n in text.order
        ]
        wanted.sort(key=lambda one: -one[0])
        left, read = budget.tokens, False
        for _, k, n in wanted:
            text = texts[k]
            start, end = text.windows[n].tolist()
            key = _digest(text.text[start:end])
            logits = self._windows.get(key)
            if logits is None:
                rows = self._rows(text.text[start:end])
                cost = sum(map(len, rows))
                if read and cost > left:
                    continue
                left, read = left - cost, True
                logits = tuple(np.max([self._encoder.logits(row) for row in rows], axis=0).tolist())
                self._windows.put(key, logits)
            text.encoded[n] = logits[text.head]

    def _rows(self, window: str) -> list[list[int]]:
        """The window's tokens; in several rows, from its beginning to its end, if too many for one."""
        most = self._manifest.max_tokens
        row = self._tokens.encode(window, _MOST_ROWS * most)
        if len(row) <= most:
            return [row]
        body = row[1:-1]
        count = -(-len(body) // (most - 2))
        size = min(most - 2, -(-len(body) // count) + _SHARED_TOKENS)
        starts = [(len(body) - size) * n // (count - 1) for n in range(count)]
        return [[row[0], *body[start : start + size], row[-1]] for start in starts]

    def _total(self, head: int, linear: float, encoder: float | None) -> float:
        """Log-odds of a window by both models."""
        by = self._manifest.combine[self.heads[head]]
        total = by.linear * linear + by.encoder * (by.unencoded if encoder is None else encoder) + by.bias
        return min(_WIDEST, max(-_WIDEST, total))

    def _judged(self, text: _Text) -> Score:
        """The score of a text whose windows have been read."""
        name = self.heads[text.head]
        if not text.linear.size:
            return Score(head=name)
        seen = list(text.encoded) or text.order[:1]
        totals = {n: self._total(text.head, float(text.linear[n]), text.encoded.get(n)) for n in seen}
        worst = max(totals, key=totals.__getitem__)
        probability = 1 / (1 + math.exp(-totals[worst]))
        start, end = text.windows[worst].tolist()
        start, end, reasons = self._located(text, start, end, text.encoded.get(worst), probability)
        return Score(
            head=name,
            probability=probability,
            start=start,
            end=end,
            linear=float(text.linear[worst]),
            encoder=text.encoded.get(worst),
            reasons=reasons,
            windows=len(text.linear),
            encoded=len(text.encoded),
        )

    def _located(
        self, text: _Text, start: int, end: int, encoder: float | None, probability: float
    ) -> tuple[int, int, tuple[Reason, ...]]:
        """The worst few sentences of a window, and the reasons; not sought where there is no suspicion."""
        if probability < _EXPLAINED:
            return start, end, ()
        window = text.text[start:end]
        short = windows(window).short
        features = bucketed(window)
        worst = int(np.argmax(self._linear.logits(features, short, text.head)[:, 0]))
        low, high = short[worst].tolist()
        by = self._manifest.combine[self.heads[text.head]]
        grams = self._linear.reasons(features, window, text.head, (low, high))
        reasons = [Reason(gram.text, round(by.linear * gram.weight, 3)) for gram in grams]
        if encoder is not None:
            reasons.append(Reason("the sentence as a whole (encoder)", round(by.encoder * encoder, 3)))
        return start + low, start + high, tuple(sorted(reasons, key=lambda reason: -reason.weight))


def _digest(text: str) -> bytes:
    """A short name for a text that does not keep it."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
