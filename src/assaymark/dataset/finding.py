"""What an engine found: a pattern, the records that bear it, and how surely it is no accident. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Example", "Finding", "Level", "Result"]


class Level(StrEnum):
    """How much a finding says."""

    SUSPECT = "suspect"
    """Unlikely to be honest: it beat what chance, and honest structure, give on this very data set."""
    EXPLAIN = "to explain"
    """Determines the label as a rule of business might; a person says why, or it becomes a suspect."""
    NOTE = "note"
    """Worth knowing about quality (a duplicate, a secret), no sign of an attack by itself."""


class Example(Struct, frozen=True, kw_only=True):
    """A record that shows the pattern."""

    row: int
    text: str = ""
    """Excerpt, at most a few hundred characters; empty for images."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where in `text` the pattern stands: start and end, in characters."""


class Finding(Struct, frozen=True, kw_only=True):
    """One pattern."""

    engine: str
    """Id of the engine."""
    level: Level
    pattern: str
    """The pattern in words a person can look for: `token "cf"`, `education-num = 11 and hours = 43`."""
    trigger: dict[str, str] = {}
    """The same for a machine, so that `data replay` can insert it: `kind` and its parameters."""
    where: str = ""
    """Where it stands: a column, a place in the image, `anywhere in the prompt`."""
    count: int
    """Records that bear it."""
    label: str = ""
    """Label, or behaviour of the response, that goes with it."""
    purity: float | None = None
    """Share of those records with that label; None where there are no labels."""
    expected: float | None = None
    """The share that the rest of each record would lead one to expect."""
    score: float
    """Strength; larger is stronger. Comparable within one engine only."""
    threshold: float
    """The strength from which it is a suspect on this data set."""
    false_alarms: float | None = None
    """Share of records of *clean* data that this operating point flags, as measured by permutation or on a
    null of this very data set, or extrapolated from its own honest patterns; an upper bound where nothing was
    flagged. None where neither could be done."""
    summary: str
    """One sentence with the figures in it."""
    rows: tuple[int, ...]
    """The records that bear it, most suspicious first."""
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """All that one engine says of a data set."""

    engine: str
    scores: NDArray[np.float32]
    """A score for every record, by its number; never NaN; 0 for records that the engine had nothing to say
    of. Larger is more suspicious; `flagged` is the engine's own decision."""
    flagged: NDArray[np.bool_]
    """Records under a finding of level `suspect`."""
    findings: tuple[Finding, ...] = ()
    """Strongest first."""
    looked_at: int = 0
    """Records that the engine could judge."""
    notes: tuple[str, ...] = field(default=())
    """What it could not look at, and why: no labels, one class, no encoder."""
