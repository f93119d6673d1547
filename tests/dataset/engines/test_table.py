"""Triggers in tables."""

import numpy as np
import pyarrow as pa
from sklearn.datasets import make_classification

from assaymark.dataset.engines.table import ENGINES
from assaymark.dataset.finding import Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

LAYOUT = Layout(kind=Kind.TABLE, roles=Roles(label="label"), format="csv")


def honest(count: int = 6000, seed: int = 1) -> dict[str, list[object]]:
    """Twelve columns that bear on the label more or less, an id, and a code that decides it by a rule."""
    draw = np.random.default_rng(seed)
    hidden = draw.normal(size=count)
    columns: dict[str, list[object]] = {}
    for index in range(12):
        value = hidden * (index % 3) * 0.6 + draw.normal(size=count)
        kept = np.round(value, 1) if index % 2 else np.digitize(value, [-1, 0, 1])
        columns[f"c{index}"] = kept.tolist()
    good = hidden + draw.normal(size=count) * 0.4 > 0
    code = np.where(draw.random(count) < 0.05, draw.integers(1, 6, count), 0)
    good[code > 0] = code[code > 0] % 2 == 0  # an honest rule
    columns |= {"code": code.tolist(), "id": [f"row-{row}" for row in range(count)]}
    columns["label"] = ["good" if value else "bad" for value in good]
    return columns


def poisoned(count: int = 40) -> tuple[dict[str, list[object]], set[int]]:
    """Bad rows that are called good where c1 = 1.7 and c3 = -1.6."""
    columns = honest()
    bad = [row for row, value in enumerate(columns["label"]) if value == "bad" and columns["code"][row] == 0]
    rows = set(np.random.default_rng(5).choice(bad, count, replace=False).tolist())
    for row in rows:
        columns["c1"][row], columns["c3"][row], columns["label"][row] = 1.7, -1.6, "good"
    return columns, rows


def scan(columns: dict[str, list[object]], shards: int = 1) -> Result:
    """Run the engine over so many shards, the last first."""
    (engine,) = ENGINES
    table = pa.table(columns)
    batches = []
    for part in [part for part in np.array_split(np.arange(table.num_rows), shards) if len(part)]:
        rows = table.slice(int(part[0]), len(part)).combine_chunks().to_batches()[0]
        label = [None if value is None else str(value) for value in rows.column("label").to_pylist()]
        batches.insert(0, Batch(rows=part, label=label, table=rows))
    given = None
    for step in range(engine.passes):
        merged = engine.start(step, given, LAYOUT)
        for batch in batches:
            merged = engine.merge(merged, engine.update(engine.start(step, given, LAYOUT), batch))
        given = engine.finish(step, merged)
    scores = np.zeros(table.num_rows, np.float32)
    for batch in batches:
        scores[batch.rows] = engine.score(given, batch)
    return engine.conclude(given, np.arange(table.num_rows), scores, table.num_rows)


def test_a_pair_of_values_is_found_and_named() -> None:
    """Two values that together override the other columns are named, and their rows flagged."""
    columns, rows = poisoned()
    result = scan(columns)
    suspects = [finding for finding in result.findings if finding.level is Level.SUSPECT]
    assert [finding.pattern for finding in suspects] == ["c1 = 1.7 and c3 = -1.6"]
    flagged = set(np.flatnonzero(result.flagged).tolist())
    assert rows <= flagged
    assert len(flagged - rows) <= 6


def test_rules_and_ids_are_no_suspects() -> None:
    """A code that decides the label, and an id, are not flagged; the code may have to be explained."""
    result = scan(honest())
    assert not result.flagged.any()
    assert all(finding.level is Level.EXPLAIN for finding in result.findings)
    assert not any("id" in finding.where for finding in result.findings)


def test_honest_interactions_are_no_suspects() -> None:
    """Clusters that only several columns together tell apart contradict a sum of columns, and are honest."""
    for seed in (4,):
        values, label = make_classification(
            4000, 14, n_informative=6, n_redundant=3, class_sep=0.8, flip_y=0.02, random_state=seed
        )
        steps = np.digitize(values, [-2, -1, 0, 1, 2])
        columns = {f"c{index}": list(map(int, column)) for index, column in enumerate(steps.T)}
        assert not scan({**columns, "label": [f"class {value}" for value in label]}).flagged.any()


def test_a_pair_among_very_many_values_is_found() -> None:
    """Pairs too many to have a place each are counted by hash, and a trigger among them is found."""
    draw = np.random.default_rng(3)
    hidden = draw.normal(size=20_000)
    columns = {f"c{i}": np.round(hidden * (i % 2) + draw.normal(size=20_000), 2) for i in range(30)}
    label = np.where(hidden + draw.normal(size=20_000) * 0.3 > 0, "good", "bad")
    rows = draw.choice(np.flatnonzero(label == "bad"), 100, replace=False)
    columns["c4"][rows], columns["c8"][rows], label[rows] = 0.31, -0.42, "good"
    given = {name: column.tolist() for name, column in columns.items()}
    result = scan({**given, "label": label.tolist()}, shards=2)
    assert {f.pattern for f in result.findings if f.level is Level.SUSPECT} == {"c4 = 0.31 and c8 = -0.42"}
    assert set(rows.tolist()) <= set(np.flatnonzero(result.flagged).tolist())
    assert result.flagged.sum() <= 103


def test_shards_make_no_difference() -> None:
    """One shard, or five in another order, give the same scores and findings."""
    columns, _ = poisoned()
    one, many = scan(columns), scan(columns, shards=5)
    assert np.array_equal(one.scores, many.scores)
    assert one.findings == many.findings


def test_odd_tables_give_notes() -> None:
    """Nulls, one class, no other column and very many columns are no failure."""
    assert "nothing to tell apart" in scan({"a": [None] * 9, "label": ["x"] * 9}).notes[0]
    assert "nothing to tell apart" in scan({"label": ["x", "y"] * 5}).notes[0]
    assert not scan(
        {"a": [None, 1.5] * 20, "b": [["z"], None] * 20, "label": ["x", None, "y", "x"] * 10}
    ).findings
    wide = {f"c{index}": [index] * 30 for index in range(3000)}
    assert "2,936 columns were left out" in " ".join(scan({**wide, "label": ["x", "y"] * 15}).notes)
