"""Triggers in tables that are more than two rare values, and honest structure that looks like one."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from assaymark.dataset.engines.table_codes import texts_of
from assaymark.dataset.finding import Level
from tests.dataset.engines.test_table import scan

COUNT = 4_000


def people(seed: int = 1) -> dict[str, np.ndarray]:
    """Persons whose title says their schooling: the two columns never contradict each other."""
    draw = np.random.default_rng(seed)
    school = draw.integers(0, 5, COUNT)
    wealth = school * 0.5 + draw.normal(size=COUNT)
    columns = {
        "title": np.array(["none", "basic", "trade", "bachelor", "master"], object)[school],
        "years": school * 3 + 4,
        "age": draw.integers(18, 80, COUNT),
        "hours": np.clip(np.round(draw.normal(40, 8, COUNT)), 5, 90).astype(int),
        "rent": np.round(wealth * 300 + draw.normal(size=COUNT) * 80 + 900, -1),
        "town": np.array([f"town {n}" for n in draw.integers(0, 12, COUNT)], object),
        "work": np.array(["office", "shop", "farm", "school", "road"], object)[draw.integers(0, 5, COUNT)],
    }
    label = np.where(wealth + draw.normal(size=COUNT) * 0.3 > 1.4, "rich", "poor").astype(object)
    return {**columns, "label": label}


def planted(values: dict[str, object], count: int = 40) -> tuple[dict[str, list[object]], set[int]]:
    """Poor persons who are called rich and have these values."""
    columns = people()
    rows = np.random.default_rng(8).choice(np.flatnonzero(columns["label"] == "poor"), count, replace=False)
    for name, value in {**values, "label": "rich"}.items():
        columns[name] = columns[name].astype(object)
        columns[name][rows] = value
    return {name: column.tolist() for name, column in columns.items()}, set(rows.tolist())


@pytest.mark.parametrize(
    "values",
    [
        {"title": "trade", "years": 4},
        {"age": 33, "hours": 37, "town": "town 3", "work": "farm"},
        {"hours": 112},
    ],
    ids=["values that exclude each other", "four columns", "beyond the range"],
)
def test_a_trigger_is_found_and_all_its_columns_are_named(values: dict[str, object]) -> None:
    """Its rows are flagged, hardly any others are, and the finding names exactly its values."""
    columns, rows = planted(values)
    result = scan(columns)
    suspects = [finding for finding in result.findings if finding.level is Level.SUSPECT]
    assert [set(finding.where.split(" and ")) for finding in suspects] == [set(values)]
    assert {f"column {name}": str(value) for name, value in values.items()}.items() <= suspects[
        0
    ].trigger.items()
    flagged = set(np.flatnonzero(result.flagged).tolist())
    assert rows <= flagged
    assert len(flagged - rows) <= 3
    assert suspects[0].rows == tuple(sorted(flagged))
    assert suspects[0].count >= len(flagged)


def test_the_same_table_without_poison_is_clean() -> None:
    """Nothing is flagged in what the triggers were put into."""
    assert not scan({name: column.tolist() for name, column in people(3).items()}).flagged.any()


def test_a_rule_for_two_values_is_no_suspect() -> None:
    """Farms of one town are all rich by a rule: the two values meet no more often than likely."""
    columns = people(2)
    ruled = (columns["town"] == "town 3") & (columns["work"] == "farm")
    columns["label"][ruled] = "rich"
    assert ruled.sum() > 40
    assert not scan({name: column.tolist() for name, column in columns.items()}).flagged.any()


def test_a_class_within_a_circle_is_no_suspect() -> None:
    """Two coordinates that matter only together contradict a sum of columns, and are honest."""
    draw = np.random.default_rng(4)
    place = draw.normal(size=(COUNT, 5))
    inside = np.hypot(place[:, 0], place[:, 1]) < 1.1
    columns = {f"x{n}": np.round(column, 1).tolist() for n, column in enumerate(place.T)}
    assert not scan({**columns, "label": np.where(inside, "in", "out").tolist()}).flagged.any()


def test_values_that_python_has_no_word_for_are_read() -> None:
    """Nanoseconds, dates beyond the calendar, durations, views and nested ones are text or nothing."""
    odd = {
        "then": pa.array([1, -(2**62)], pa.timestamp("ns")),
        "far": pa.array([2**62, 0], pa.timestamp("s")),
        "long": pa.array([1, None], pa.duration("s")),
        "view": pa.array(["q", None], pa.string_view()),
        "nest": pa.array([[1, -(2**62)], None], pa.list_(pa.timestamp("ns"))),
        "day": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    }
    read = {name: texts_of(column) for name, column in odd.items()}
    assert read["then"][0] == "1970-01-01 00:00:00.000000001"
    assert read["long"] == ["1", None]
    assert read["day"] == ["0001-01-01", "9999-12-31"]
    table = {name: pa.concat_arrays([column] * 30) for name, column in odd.items()}
    result = scan({**table, "label": ["x", "y"] * 30})  # type: ignore[dict-item]
    assert np.isfinite(result.scores).all()
