"""What people do not see: hidden instructions, payloads, characters and spaces that go with a label."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.fields import LONGEST, Field, Tally, text_fields
from assaymark.dataset.engines.invisible_characters import SOFT_HYPHEN, Stray, kind_name, stray
from assaymark.dataset.engines.invisible_payload import Payload, escaped, payload
from assaymark.dataset.engines.invisible_spaces import SPACES, spaced
from assaymark.dataset.engines.invisible_styles import marked_up, styled
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout
from assaymark.guard.front.characters import BIDI, INVISIBLE, code_points, flags

__all__ = ["ENGINES", "InvisibleText"]

_INFO = EngineInfo(
    id="invisible_text",
    version=2,
    kinds=(Kind.TEXT, Kind.TABLE, Kind.CHAT, Kind.PREFERENCE, Kind.RAG),
    looks_for="Text that people do not see: tag characters, selectors, zero-width and directional characters,"
    " words spelt with look-alike letters, instructions in hidden markup, spaces that go with a label.",
    misses="Words hidden by style sheets, or by markup where they tell a model nothing; look-alikes in words"
    " that are wholly in another script; characters beyond the first 200,000 of a text.",
)
_POINTS = 32
"""Kinds from here on are code points."""
_PAYLOAD = 0
"""Kind of a text that hides readable text."""
_KEPT = 100_000
"""Records of one kind that are remembered, those with the lowest numbers."""
_EXAMPLES = 3
_CERTAIN = 6.0
"""Decimal digits of the odds against chance from which a character determines the label."""
_PURE = 0.9


@dataclass
class _Kind:
    """What is remembered of one kind of character."""

    count: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, str, int]] = field(default_factory=list)
    """Number, label, hash of the text."""
    examples: list[Example] = field(default_factory=list)
    says: list[tuple[int, Payload]] = field(default_factory=list)

    def cut(self) -> None:
        """Forget what is beyond the bounds; the same whatever the order of arrival."""
        self.kept = sorted(self.kept)[:_KEPT]
        self.examples = sorted(self.examples, key=lambda e: (e.row, e.text))[:_EXAMPLES]
        self.says = sorted(self.says)[:_EXAMPLES]


@dataclass
class _State:
    kinds: dict[int, _Kind] = field(default_factory=dict)
    labels: Tally = field(default_factory=Tally)
    records: int = 0
    label: str = ""
    suspects: dict[int, Level] = field(default_factory=dict)
    """Kind → level, once all is known."""


class InvisibleText:
    """The engine; it has no settings and keeps nothing."""

    info = _INFO
    passes = 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out: there is no text in images."""
        return "images have no text" if layout.kind is Kind.IMAGES else ""

    def start(self, step: int, given: Any, layout: Layout) -> _State:
        """Nothing seen."""
        return _State(label=layout.roles.label)

    def update(self, state: _State, batch: Batch) -> _State:
        """Take in a batch."""
        state.records += len(batch)
        state.labels.add("" if v is None else v for v in batch.label)
        for one in text_fields(batch, frozenset([state.label])):
            for found, hidden in _odd(one.texts):
                for position in one.records(found.n).tolist():
                    _take(state, batch, position, one, found, hidden)
            if state.label:
                _take_spaces(state, batch, one)
        for kind in state.kinds.values():
            if len(kind.kept) > 2 * _KEPT or len(kind.examples) > 2 * _EXAMPLES:
                kind.cut()
        return state

    def merge(self, state: _State, other: _State) -> _State:
        """Counts add up; of what is remembered the lowest numbers stay."""
        state.records += other.records
        state.labels.join(other.labels)
        for number, theirs in other.kinds.items():
            mine = state.kinds.setdefault(number, _Kind())
            mine.count += theirs.count
            mine.labels += theirs.labels
            mine.fields += theirs.fields
            mine.kept += theirs.kept
            mine.examples += theirs.examples
            mine.says += theirs.says
            mine.cut()
        return state

    def finish(self, step: int, state: _State) -> _State:
        """Decide which kinds are suspects."""
        for kind in state.kinds.values():
            kind.cut()
        state.suspects = {number: _level(state, number) for number in sorted(state.kinds)}
        return state

    def score(self, given: _State, batch: Batch) -> NDArray[np.float32]:
        """1 where it is a suspect, 0.5 where to be explained, 0.1 where there is any such character."""
        scores = np.zeros(len(batch), dtype=np.float32)
        weight = {Level.SUSPECT: 1.0, Level.EXPLAIN: 0.5, Level.NOTE: 0.1}
        for one in text_fields(batch, frozenset([given.label])):
            for found, hidden in _odd(one.texts):
                kinds = [*found.kinds, *([_PAYLOAD] if hidden else [])]
                most = max(weight[given.suspects.get(kind, Level.NOTE)] for kind in kinds)
                at = one.records(found.n)
                scores[at] = np.maximum(scores[at], np.float32(most))
            if any(given.suspects[kind] is Level.EXPLAIN for kind in given.suspects.keys() & SPACES.keys()):
                for kind, numbers in spaced(one.texts).items():
                    if given.suspects.get(kind) is Level.EXPLAIN:
                        at = np.concatenate([one.records(n) for n in numbers])
                        scores[at] = np.maximum(scores[at], np.float32(weight[Level.EXPLAIN]))
        return scores

    def conclude(
        self, given: _State, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """A finding for each kind of character."""
        every = np.zeros(total, dtype=np.float32)
        every[rows] = scores
        made = [_finding(given, number) for number in given.kinds if _told(given, number)]
        order = {Level.SUSPECT: 0, Level.EXPLAIN: 1, Level.NOTE: 2}
        made.sort(key=lambda f: (order[f.level], -f.score, f.pattern))
        return Result(
            engine=_INFO.id,
            scores=every,
            flagged=every >= 1.0,
            findings=tuple(made),
            looked_at=given.records,
        )


ENGINES: tuple[Engine, ...] = (InvisibleText(),)


def _told(state: _State, number: int) -> bool:
    """Whether a kind is worth a word; soft hyphens and spaces are only where they go with a label."""
    return (number != SOFT_HYPHEN and number not in SPACES) or state.suspects[number] is not Level.NOTE


def _odd(texts: Sequence[str]) -> list[tuple[Stray, Payload | None]]:
    """Texts with stray characters or with words hidden by markup, and what is hidden."""
    found = {one.n: (one, payload(texts[one.n][:LONGEST])) for one in stray(texts)}
    for n in marked_up(texts):
        known, hidden = found.get(n, (Stray(n, frozenset(), False), None))
        hidden = hidden or styled(texts[n])
        if hidden:
            found[n] = (known, hidden)
    return [found[n] for n in sorted(found)]


def _take_spaces(state: _State, batch: Batch, one: Field) -> None:
    """Count texts with spaces that nobody sees; of these the number stands for the text."""
    for number, texts in spaced(one.texts).items():
        kind = state.kinds.setdefault(number, _Kind())
        for n in texts:
            for position in one.records(n).tolist():
                row = int(batch.rows[position])
                label = (batch.label[position] or "") if len(batch.label) else ""
                kind.count += 1
                kind.labels[label] += 1
                kind.fields[one.name] += 1
                kind.kept.append((row, label, row))
                if len(kind.examples) < _EXAMPLES or row < kind.examples[-1].row:
                    text = one.texts[n]
                    kind.examples.append(Example(row=row, text=repr(text[:80] + text[80:][-80:])))
                    kind.examples.sort(key=lambda e: (e.row, e.text))
                    del kind.examples[_EXAMPLES:]


def _take(state: _State, batch: Batch, n: int, one: Field, found: Stray, hidden: Payload | None) -> None:
    row = int(batch.rows[n])
    text = one.texts[found.n][:LONGEST]
    label = (batch.label[n] or "") if len(batch.label) else ""
    code = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    for number in (*found.kinds, *([_PAYLOAD] if hidden else [])):
        kind = state.kinds.setdefault(number, _Kind())
        kind.count += 1
        kind.labels[label] += 1
        kind.fields[one.name] += 1
        kind.kept.append((row, label, code))
        if len(kind.examples) < _EXAMPLES or row < max(e.row for e in kind.examples):
            shown, spans = escaped(text, _place(text, number, hidden))
            kind.examples.append(Example(row=row, text=shown, spans=spans))
        if number == _PAYLOAD and hidden:
            kind.says.append((row, hidden))


def _place(text: str, kind: int, hidden: Payload | None) -> int:
    if kind == _PAYLOAD and hidden:
        return hidden.start
    if kind >= _POINTS and (at := text.find(chr(kind))) >= 0:
        return at
    hidden_at = np.flatnonzero(flags(code_points(text)) & INVISIBLE)
    return int(hidden_at[0]) if len(hidden_at) else 0


def _level(state: _State, number: int) -> Level:
    if number == _PAYLOAD:
        return Level.SUSPECT
    if _surprise(state, number) < _CERTAIN:
        return Level.NOTE
    marks = number >= _POINTS and bool(flags(np.array([number], dtype=np.uint32))[0] & BIDI)
    # Hyphens, marks and spaces come with a source's typography, and a source may well have one label.
    return Level.EXPLAIN if marks or number == SOFT_HYPHEN or number in SPACES else Level.SUSPECT


def _surprise(state: _State, number: int) -> float:
    """Digits of the odds against this kind's labels being drawn as all labels are (Chernoff's bound).

    Texts that are the same count once; all kinds and labels looked at are allowed for.
    """
    if len(state.labels.counts) < 2:
        return 0.0
    texts = {code: label for _, label, code in reversed(state.kinds[number].kept)}
    if not texts:
        return 0.0
    label, count = _commonest(Counter(texts.values()))
    share, base = count / len(texts), state.labels.counts[label] / max(state.labels.counts.total(), 1)
    if share < _PURE or share <= base:
        return 0.0
    apart = share * math.log10(share / base)
    if share < 1:
        apart += (1 - share) * math.log10((1 - share) / (1 - base))
    return max(0.0, len(texts) * apart - math.log10(len(state.kinds) * len(state.labels.counts)))


def _commonest(counts: Counter[str]) -> tuple[str, int]:
    return min(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _finding(state: _State, number: int) -> Finding:
    kind = state.kinds[number]
    level = state.suspects[number]
    labelled = len(state.labels.counts) >= 2
    label, bearers = _commonest(kind.labels) if labelled else ("", 0)
    base = state.labels.counts[label] / max(state.labels.counts.total(), 1) if labelled else None
    rows = sorted({row for row, _, _ in kind.kept})
    trigger = {"kind": "text", "text": chr(number)} if number >= _POINTS else {}
    return Finding(
        engine=_INFO.id,
        level=level,
        pattern="text hidden from people" if number == _PAYLOAD else kind_name(number),
        trigger=trigger if level is not Level.NOTE else {},
        where=", ".join(sorted(kind.fields)),
        count=kind.count,
        label=label,
        purity=bearers / kind.count if labelled else None,
        expected=base,
        score=float(kind.count) if number == _PAYLOAD else _surprise(state, number),
        threshold=1.0 if number == _PAYLOAD else _CERTAIN,
        false_alarms=0.0 if number == _PAYLOAD else 10.0**-_CERTAIN,
        summary=_summary(kind, number, label, bearers, base),
        rows=tuple(rows if level is Level.SUSPECT else rows[:1000]),
        examples=tuple(kind.examples),
    )


def _summary(kind: _Kind, number: int, label: str, bearers: int, base: float | None) -> str:
    several = f"{kind.count:,} records" if kind.count > 1 else "1 record"
    if number == _PAYLOAD:
        first = kind.says[0][1]
        says = first.says.encode("unicode_escape").decode("ascii")
        return f"{several} hold text that people do not see; the first, in {first.way}, says “{says[:160]}”."
    if base is None:
        return f"{several} with {kind_name(number)}."
    return (
        f"{several} with {kind_name(number)}: {bearers / kind.count:.0%} have the label “{label[:60]}”,"
        f" as have {base:.0%} of all records."
    )
