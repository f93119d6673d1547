"""How often an engine flags clean records is measured with labels dealt anew."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assaymark.dataset.dealing import flagged_by_chance
from assaymark.dataset.engine import EngineInfo
from assaymark.dataset.finding import Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from assaymark.dataset.scan import Options, scan_data
from tests.dataset.executing import made

NOBODY = np.zeros(made.TOTAL, np.bool_)


@dataclass(frozen=True)
class Labelled:
    """An engine that flags whatever has the label `good` and bears a word; it keeps no state."""

    word: str
    info = EngineInfo(id="labelled", version=1, kinds=(Kind.TEXT,), looks_for="A label.", misses="All else.")
    passes = 1

    def applies(self, layout: Layout) -> str:
        """To everything."""
        return ""

    def start(self, step: int, given: Any, layout: Layout) -> int:
        """Nothing."""
        return 0

    def update(self, state: int, batch: Batch) -> int:
        """Count."""
        return state + len(batch)

    def merge(self, state: int, other: int) -> int:
        """Add."""
        return state + other

    def finish(self, step: int, state: int) -> int:
        """As it is."""
        return state

    def score(self, given: int, batch: Batch) -> NDArray[np.float32]:
        """1 where word and label meet."""
        pairs = zip(batch.text, batch.label, strict=True)
        return np.array([self.word in t.split() and y == "good" for t, y in pairs], np.float32)

    def conclude(
        self, given: int, rows: NDArray[np.int64], scores: NDArray[np.float32], total: int
    ) -> Result:
        """All that scored."""
        assert given == total == len(rows)
        return Result(engine="labelled", scores=scores, flagged=scores > 0)


def test_a_word_that_means_nothing_is_flagged_as_often_as_its_label() -> None:
    """`red` stands in six of ten texts, half of which are good: three in ten, give or take."""
    found = flagged_by_chance(Labelled("red"), made.LAYOUT, made.shards(3), made.read, NOBODY)
    assert found is not None
    assert found.records == made.TOTAL - 1  # one cannot be read
    assert found.rate == found.flagged / found.records
    assert 0.25 < found.rate < 0.35


def test_a_planted_label_is_dealt_away() -> None:
    """`cf` always means good here; with labels dealt anew it does so in part of its texts, and of those that
    were flagged with their own labels none counts.
    """
    texts, labels = made.table()
    planted = np.array(["cf" in t.split() for t in texts])
    assert {y for t, y in zip(texts, labels, strict=True) if "cf" in t.split()} == {"good"}

    every = flagged_by_chance(Labelled("cf"), made.LAYOUT, made.shards(3), made.read, NOBODY)
    honest = flagged_by_chance(Labelled("cf"), made.LAYOUT, made.shards(3), made.read, planted)
    assert every is not None
    assert honest is not None
    assert every.flagged < planted.sum()
    assert (honest.flagged, honest.records) == (0, made.TOTAL - 1 - planted.sum())
    assert honest.rate == 3 / honest.records  # the rule of three


@pytest.mark.parametrize("parts", [1, 5, 16])
def test_the_parts_do_not_matter(parts: int) -> None:
    """Who is dealt which label follows from the records' numbers."""
    first = flagged_by_chance(Labelled("red"), made.LAYOUT, made.shards(3), made.read, NOBODY)
    assert flagged_by_chance(Labelled("red"), made.LAYOUT, made.shards(parts), made.read, NOBODY) == first


def test_without_labels_nothing_is_measured() -> None:
    """There is nothing to deal."""
    layout = Layout(kind=Kind.TEXT, roles=Roles(text="text"), format="jsonl")
    assert flagged_by_chance(Labelled("red"), layout, made.shards(2), made.read, NOBODY) is None


def test_a_suspect_of_the_real_engine_says_its_rate(tmp_path: Path) -> None:
    """A table with a planted pair: the finding bears a measured bound, below one in a thousand."""
    random = np.random.default_rng(5)
    rows = [[*random.integers(0, 30, 6), random.choice(["no", "no", "yes"])] for _ in range(8_000)]
    for row in rows:
        row[-1] = "yes" if row[0] + random.normal(0, 2) > 20 else "no"
    for at in random.choice(8_000, 60, replace=False):
        rows[at][2], rows[at][4], rows[at][-1] = 77, 88, "yes"
    path = tmp_path / "data.csv"
    lines = ["a,b,c,d,e,f,label", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")

    scan = scan_data([str(path)], options=Options(engines=("table_pairs",), workers=1))
    suspects = [f for f in scan.findings if f.level == "suspect"]
    assert suspects
    assert all(f.false_alarms is not None and 0 < f.false_alarms < 1e-3 for f in suspects)
