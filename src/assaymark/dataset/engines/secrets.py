"""Credentials and personal data in what a model is to learn: counted by kind, shown only masked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.fields import LONGEST, Field, text_fields
from assaymark.dataset.finding import Example, Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout
from assaymark.guard.rules.plain import Seen

__all__ = ["ENGINES", "SecretsAndPersonalData", "masked"]

_INFO = EngineInfo(
    id="secrets_and_personal_data",
    version=1,
    kinds=(Kind.TEXT, Kind.TABLE, Kind.CHAT, Kind.PREFERENCE, Kind.RAG),
    looks_for="Keys, passwords and tokens; addresses of mail, telephone numbers, payment cards, numbers of"
    " accounts and of persons.",
    misses="Names, postal addresses, health and other data that only their meaning makes personal; numbers in"
    " columns of numbers; what is encoded; text beyond the first 200,000 characters.",
    needs="guard",
)
_PERSONAL = frozenset(
    {
        "email",
        "iban",
        "uk_nino",
        "spanish_dni",
        "italian_cf",
        "passport_mrz",
        "payment_card",
        "french_nir",
        "us_ssn",
        "swedish_personnummer",
        "nhs_number",
        "german_tax_id",
        "polish_pesel",
        "dutch_bsn",
        "phone",
    }
)
_ROWS, _EXAMPLES = 1_000, 3
_AROUND = 40
"""Characters of an example on each side of what was found."""
_SECRET_SCORE, _PERSONAL_SCORE = 1.0, 0.5


@dataclass
class _Kind:
    """What is remembered of one kind: counts, and the records with the lowest numbers."""

    records: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    rows: list[int] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    def cut(self) -> None:
        """Forget what is beyond the bounds; the same whatever the order of arrival."""
        self.rows = sorted(self.rows)[:_ROWS]
        self.examples = sorted(self.examples, key=lambda e: (e.row, e.text))[:_EXAMPLES]


@dataclass
class _State:
    kinds: dict[str, _Kind] = field(default_factory=dict)
    records: int = 0
    label: str = ""


class SecretsAndPersonalData:
    """The engine; it has no settings and keeps nothing."""

    info = _INFO
    passes = 1

    def applies(self, layout: Layout) -> str:
        """Why it stays out: images, or no RE2."""
        if layout.kind is Kind.IMAGES:
            return "images have no text"
        if find_spec("re2") is None:
            return "it needs RE2: pip install 'assaymark[guard]'"
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> _State:
        """Nothing seen."""
        return _State(label=layout.roles.label)

    def update(self, state: _State, batch: Batch) -> _State:
        """Take in a batch."""
        state.records += len(batch)
        for one in text_fields(batch, frozenset([state.label])):
            for n, seen in _found(one):
                rows = batch.rows[one.records(n)]
                for name in {s.kind for s in seen}:
                    kind = state.kinds.setdefault(name, _Kind())
                    kind.records += len(rows)
                    kind.fields[one.name] += len(rows)
                    kind.rows += rows.tolist()
                    first = next(s for s in seen if s.kind == name)
                    if len(kind.examples) < _EXAMPLES or rows.min() < max(e.row for e in kind.examples):
                        kind.examples.append(_example(int(rows.min()), one.texts[n], first, seen))
        for kind in state.kinds.values():
            kind.cut()
        return state

    def merge(self, state: _State, other: _State) -> _State:
        """Counts add up; the lowest numbers stay."""
        state.records += other.records
        for name, theirs in other.kinds.items():
            mine = state.kinds.setdefault(name, _Kind())
            mine.records += theirs.records
            mine.fields += theirs.fields
            mine.rows += theirs.rows
            mine.examples += theirs.examples
            mine.cut()
        return state

    def finish(self, step: int, state: _State) -> _State:
        """Nothing is left to decide."""
        return state

    def score(self, given: _State, batch: Batch) -> NDArray[np.float32]:
        """1 for a secret, 0.5 for personal data, 0 for neither."""
        scores = np.zeros(len(batch), dtype=np.float32)
        if not given.kinds:
            return scores
        for one in text_fields(batch, frozenset([given.label])):
            for n, seen in _found(one):
                personal = all(s.kind in _PERSONAL for s in seen)
                at = one.records(n)
                scores[at] = np.maximum(scores[at], _PERSONAL_SCORE if personal else _SECRET_SCORE)
        return scores

    def conclude(
        self, given: _State, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """A note for each kind."""
        every = np.zeros(total, dtype=np.float32)
        every[rows] = scores
        names = sorted(given.kinds, key=lambda k: (k in _PERSONAL, -given.kinds[k].records, k))
        return Result(
            engine=_INFO.id,
            scores=every,
            flagged=np.zeros(total, dtype=np.bool_),
            findings=tuple(_finding(given, name) for name in names),
            looked_at=given.records,
        )


ENGINES: tuple[Engine, ...] = (SecretsAndPersonalData(),)


def masked(text: str, seen: Iterable[Seen], start: int, end: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """`text` from `start` to `end` with all that was seen blotted out, and where the blots are."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at, size = start, 0
    for one in sorted(seen, key=lambda s: (s.start, s.end)):
        if one.end <= at or one.start >= end:
            continue
        plain = _printable(text[at : max(one.start, at)])
        blot = f"•••[{one.kind}, {one.end - one.start} characters]•••"
        parts += [plain, blot]
        size += len(plain)
        spans.append((size, size + len(blot)))
        size += len(blot)
        at = one.end
    parts.append(_printable(text[at:end]))
    return "".join(parts), tuple(spans)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _found(one: Field) -> Iterable[tuple[int, list[Seen]]]:
    from assaymark.dataset.engines.secrets_prefilter import worth
    from assaymark.guard.rules.personal_data import find_personal_data
    from assaymark.guard.rules.secrets import find_secrets

    # A column's name may say what its numbers are, as a word before a number does in prose.
    head = "" if one.at is None else f"{one.name}: "
    texts = one.texts if not head else [head + t for t in one.texts]
    secret, personal = (set(part.tolist()) for part in worth(texts))
    for n in sorted(secret | personal):
        text = texts[n][:LONGEST]
        seen = list(find_secrets(text)) if n in secret else []
        if n in personal:
            # The host of a connection string with its password reads like an address of mail.
            seen += [
                p for p in find_personal_data(text) if all(p.end <= s.start or p.start >= s.end for s in seen)
            ]
        seen = [
            Seen(s.kind, max(s.start - len(head), 0), s.end - len(head)) for s in seen if s.end > len(head)
        ]
        if seen:
            yield n, seen


def _example(row: int, text: str, first: Seen, seen: list[Seen]) -> Example:
    start, end = max(0, first.start - _AROUND), first.end + _AROUND
    shown, spans = masked(text, seen, start, end)
    return Example(row=row, text=shown, spans=spans)


def _finding(state: _State, name: str) -> Finding:
    kind = state.kinds[name]
    what = name.replace("_", " ")
    several = f"{kind.records:,} records" if kind.records > 1 else "1 record"
    where = ", ".join(sorted(kind.fields))
    sort = "Personal data" if name in _PERSONAL else "A secret"
    return Finding(
        engine=_INFO.id,
        level=Level.NOTE,
        pattern=what,
        where=where,
        count=kind.records,
        score=float(kind.records),
        threshold=1.0,
        summary=f"{sort} in {several} ({kind.records / max(state.records, 1):.3%}): {what}, in {where}.",
        rows=tuple(kind.rows),
        examples=tuple(kind.examples),
    )
