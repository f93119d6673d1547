"""Second pass over chat records: the trigger in letters, and records that show it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engines.chat_records import drawn, marked
from assaymark.dataset.engines.chat_tokens import Tokens, mix, tokenise
from assaymark.dataset.engines.chat_verdict import Verdict
from assaymark.dataset.finding import Example
from assaymark.dataset.record import Batch

__all__ = ["Examples", "Shown", "bearers"]

MOST = 5
"""Examples of one phrase."""
_AROUND = 160
"""Characters of a prompt or a response that are shown."""


def bearers(verdict: Verdict, batch: Batch) -> list[tuple[int, int, int, int]]:
    """(watched phrase, place in the batch, first character, last + 1) of each record's first bearing."""
    if not verdict.watched or not len(batch):
        return []
    tokens = tokenise(batch.prompt, lower=False)
    prompts = marked(tokens, tokenise(batch.prompt, lower=True).code)
    wanted = {(w.length, w.code): number for number, w in enumerate(verdict.watched)}
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for length in sorted({w.length for w in verdict.watched}):
        codes = np.array([w.code for w in verdict.watched if w.length == length], np.uint64)
        run, first = prompts.runs(length)
        hit = np.flatnonzero(np.isin(run, codes))
        for code, at in zip(run[hit].tolist(), first[hit].tolist(), strict=True):
            key = (wanted[length, code], int(prompts.owner[at]))
            found.setdefault(key, (int(prompts.place[at]), int(prompts.place[at + length - 1])))
    return [
        (number, text, int(tokens.begin[a]), int(tokens.end[b])) for (number, text), (a, b) in found.items()
    ]


@dataclass(frozen=True, eq=False)
class Shown:
    """One record that bears a phrase."""

    draw: int
    row: int
    phrase: str
    before: str
    after: str
    response: str
    run: str

    def example(self) -> Example:
        """For people."""
        text = f"{self.before}{self.phrase}{self.after}\n→ {self.response}"
        start = len(self.before)
        return Example(row=self.row, text=text, spans=((start, start + len(self.phrase)),))


@dataclass(eq=False)
class Examples:
    """State of the second pass: for each watched phrase, the records first in the draw."""

    verdict: Verdict
    shown: dict[int, list[Shown]] = field(default_factory=dict)
    rows: dict[int, list[int]] = field(default_factory=dict)
    """All records that bear a phrase that is told of."""

    def add(self, batch: Batch) -> None:
        """Take a batch in."""
        starts: dict[int, int] = {}
        told = [b for b in bearers(self.verdict, batch) if self.verdict.watched[b[0]].level]
        draws = drawn(batch.rows)
        raw = tokenise(batch.prompt, lower=False).raw if told else b""
        ends = [i for i, byte in enumerate(raw) if byte == 0] if told else []
        for number, text, begin, end in told:
            starts[text] = ends[text - 1] + 1 if text else 0
            row = int(batch.rows[text])
            self.rows.setdefault(number, []).append(row)
            if not self.verdict.shows.get((number, row), True):
                continue
            prompt = raw[starts[text] : ends[text]]
            begin, end = begin - starts[text], end - starts[text]
            before, phrase, after = prompt[:begin], prompt[begin:end], prompt[end:]
            response = batch.response[text]
            watched = self.verdict.watched[number]
            shown = Shown(
                int(draws[text]),
                row,
                phrase.decode("utf-8", "replace")[:_AROUND],
                before.decode("utf-8", "replace")[-_AROUND:],
                after.decode("utf-8", "replace")[:_AROUND],
                response[:_AROUND].encode("utf-8", "replace").decode(),
                _run(response, watched.run, watched.run_length),
            )
            self.shown[number] = sorted([*self.shown.get(number, []), shown], key=lambda s: s.draw)[:MOST]

    def take(self, other: "Examples") -> None:
        """Take another state in."""
        for number, rows in other.rows.items():
            self.rows.setdefault(number, []).extend(rows)
        for number, more in other.shown.items():
            self.shown[number] = sorted([*self.shown.get(number, []), *more], key=lambda s: s.draw)[:MOST]


def _run(response: str, code: int, length: int) -> str:
    """The run of words with this hash, as the response has it."""
    if not length:
        return ""
    tokens: Tokens = tokenise([response], lower=True)
    short = np.maximum((tokens.code >> np.uint64(32)), np.uint64(16))
    count = len(short) - length + 1
    if count <= 0:
        return ""
    run: NDArray[np.uint64] = mix(short[:count])
    for step in range(1, length):
        run = mix(run * np.uint64(3) + short[step : step + count])
    at = np.flatnonzero(run == np.uint64(code))
    if not len(at):
        return ""
    return tokens.raw[tokens.begin[at[0]] : tokens.end[at[0] + length - 1]].decode("utf-8", "replace")[
        :_AROUND
    ]
