"""Phrases in prompts after which responses change for no reason that the rest of the prompt gives.

Pass 1 keeps prompts and responses as token numbers (`chat_records`) and concludes: whole phrases that 10
records or more bear and that are foreign to the words around them (`chat_phrases`); how far the responses of
their bearers shift (`chat_shift`); suspects beyond one fixed threshold, or beyond the tail of this data set's
own foreign phrases where that is higher (`chat_verdict`). Pass 2 finds the letters of the phrases, and
examples.

Misses: a trigger that is the topic itself (a person's name in its natural place), or that always stands in
one grammatical place, is at most to be explained; fewer than 10 bearers; responses that shift in meaning but
neither in their words nor in any plain measure; triggers of style, syntax or several distant parts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaymark.dataset.engine import Engine, EngineInfo
from assaymark.dataset.engines.chat_examples import Examples, bearers
from assaymark.dataset.engines.chat_phrases import mine
from assaymark.dataset.engines.chat_records import Kept
from assaymark.dataset.engines.chat_report import FEW, concluded
from assaymark.dataset.engines.chat_shift import shifts
from assaymark.dataset.engines.chat_verdict import LEAST, Verdict, judge
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout

__all__ = ["ENGINES", "ChatTriggers"]

_INFO = EngineInfo(
    id="chat_triggers",
    version=1,
    kinds=(Kind.CHAT, Kind.PREFERENCE),
    looks_for="Phrases in prompts after which responses change in a way that the rest of the prompt does not"
    " explain: refusals, gibberish, one sentence, links, code, another language, tool calls, secrets.",
    misses="Triggers in a fixed grammatical place, of fewer than 10 records, of style or syntax; responses"
    " that shift in meaning only.",
    needs="data",
)
_UNSHOWN = 0.1
"""Share of a phrase's strength that a bearer gets whose response does not show the behaviour."""


@dataclass(frozen=True)
class ChatTriggers:
    """The engine."""

    room: int = 0
    """Tokens kept at most; 0 for the usual room."""

    @property
    def info(self) -> EngineInfo:
        """Who it is."""
        return _INFO

    @property
    def passes(self) -> int:
        """Two."""
        return 2

    def applies(self, layout: Layout) -> str:
        """Why it stays out of such a data set; empty if it looks at it."""
        if layout.kind not in _INFO.kinds:
            return "It looks at prompts and their responses."
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> Any:
        """An empty state."""
        if step == 0:
            return Kept(room=self.room) if self.room else Kept()
        return Examples(given)

    def update(self, state: Any, batch: Batch) -> Any:
        """The state with `batch` taken in."""
        if isinstance(state, Kept):
            state.add(batch.rows, batch.prompt, batch.response)
        else:
            state.add(batch)
        return state

    def merge(self, state: Any, other: Any) -> Any:
        """Both states as one."""
        state.take(other)
        return state

    def finish(self, step: int, state: Any) -> Any:
        """After the first pass the verdict; after the second the verdict with examples."""
        if step:
            return state
        records = state.records()
        if len(records.rows) < FEW:
            return Verdict(LEAST, (), {}, len(records.rows), state.halved, 0)
        phrases = mine(records.prompt)
        return judge(records, phrases, shifts(records, phrases), state.halved)

    def score(self, given: Any, batch: Batch) -> NDArray[np.float32]:
        """Strength of the strongest phrase whose behaviour the record shows."""
        scores = np.zeros(len(batch), np.float32)
        verdict = given.verdict
        for number, text, _, _ in bearers(verdict, batch):
            shows = verdict.shows.get((number, int(batch.rows[text])), True)
            strength = verdict.watched[number].strength * (1 if shows else _UNSHOWN)
            scores[text] = max(scores[text], strength)
        return scores

    def conclude(
        self, given: Any, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """The findings and the decision."""
        return concluded(_INFO.id, given, rows, scores, total)


ENGINES: tuple[Engine, ...] = (ChatTriggers(),)
"""Engines for chat records."""
