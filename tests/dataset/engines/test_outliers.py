"""Outliers: what is far out is told, what is usual is not."""

import numpy as np
import pyarrow as pa
import pytest

from assaymark.dataset.engines.outliers import Outliers
from assaymark.dataset.engines.outliers_table import _key, _value
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout

TABLE = Layout(kind=Kind.TABLE, roles=Roles(label="y"), format="csv")
IMAGES = Layout(kind=Kind.IMAGES, roles=Roles(label="y"), format="images")


def prose(count: int, seed: int = 1) -> list[str]:
    """Sentences of common words, of five to thirty words."""
    rng = np.random.default_rng(seed)
    words = [
        "the",
        "of",
        "and",
        "to",
        "in",
        "that",
        "it",
        "was",
        "for",
        "on",
        "are",
        "with",
        "they",
        "be",
        "at",
        "one",
        "have",
        "this",
    ]
    return [" ".join(rng.choice(words, rng.integers(5, 30))) for _ in range(count)]


def test_a_text_in_rare_signs_is_far_out() -> None:
    """Line noise among prose has the highest score; prose itself raises nothing."""
    noise = "x#Q!9z|~^q%Zj@7}{K" * 6

    result = drive(Outliers(), text_layout(), split([*prose(500), noise], size=50))

    assert [(f.rows, f.level) for f in result.findings] == [((500,), Level.NOTE)]
    assert result.scores.argmax() == 500
    assert result.findings[0].examples[0].text == noise
    assert drive(Outliers(), text_layout(), split(prose(500))).findings == ()


def test_a_text_of_odd_length_is_far_out() -> None:
    """One text a thousand times as long as the others."""
    texts = [*prose(300), " ".join(prose(1_500))]

    assert [(f.pattern, f.rows) for f in drive(Outliers(), text_layout(), split(texts)).findings] == [
        ("length", (300,))
    ]


def test_numbers_far_out_and_of_a_foreign_sign() -> None:
    """999 among ages, one negative amount, an infinite one; empty cells and the label are nothing."""
    rng = np.random.default_rng(2)
    age = rng.integers(18, 90, 3_000)
    amount = rng.lognormal(3, 1, 3_000)
    age[[5, 6]], amount[7], amount[8], amount[9] = 999, -4.0, np.inf, np.nan
    table = pa.record_batch({"age": age, "amount": amount, "y": [10**9 * (n == 3) for n in range(3_000)]})

    result = drive(Outliers(), TABLE, [Batch(rows=np.arange(3_000), table=table)])

    assert {f.where: f.rows for f in result.findings} == {"age": (5, 6), "amount": (7, 8)}
    assert result.scores[9] < 8
    assert "age=999" in next(f for f in result.findings if f.where == "age").examples[0].text


def test_an_image_unlike_its_class_is_far_out() -> None:
    """A bright noisy image among dark smooth ones; missing images are nothing."""
    rng = np.random.default_rng(3)
    pictures: list[np.ndarray | None] = [
        np.full((20, 28, 3), rng.integers(40, 70), dtype=np.uint8)
        + rng.integers(0, 20, (20, 28, 3), np.uint8)
        for _ in range(300)
    ]
    pictures[17] = rng.integers(0, 256, (20, 28, 3)).astype(np.uint8)
    pictures[18] = None
    batch = Batch(rows=np.arange(300), image=pictures, label=["a", "b", "b"] * 100)

    assert [f.rows for f in drive(Outliers(), IMAGES, [batch]).findings] == [(17,)]


def test_order_of_numbers_survives_their_keys() -> None:
    """Keys rise with the numbers, and lead back to within 7 % of them."""
    numbers = np.array([-np.inf, -1e300, -2.5, -1e-9, 0.0, 1e-9, 3.0, 3.5, 1e12, np.inf])

    assert (np.diff(_key(numbers)) > 0).all()
    assert np.allclose(_value(_key(numbers[2:-1])), numbers[2:-1], rtol=0.07)


@pytest.mark.parametrize("shards", [2, 16])
def test_shards_and_order_make_no_difference(shards: int) -> None:
    """One shard or sixteen, in any order: the same result for texts, tables and images."""
    rng = np.random.default_rng(4)
    texts = split([*prose(300), "|#~" * 30, "e" * 9_000], size=20)
    tables, images = [], []
    for at in range(0, 2_000, 100):
        rows = np.arange(at, at + 100)
        tables.append(Batch(rows=rows, table=pa.record_batch({"x": rng.standard_t(2, 100)})))
        images.append(
            Batch(
                rows=rows,
                image=list(rng.integers(0, 256, (100, 8, 8, 3)).astype(np.uint8)),
                label=["k"] * 100,
            )
        )
    for layout, batches in ((text_layout(), texts), (TABLE, tables), (IMAGES, images)):
        alone = drive(Outliers(), layout, batches)
        assert same(alone, drive(Outliers(), layout, batches, shards, seed=shards))


def test_hostile_and_few_records() -> None:
    """Lone surrogates, NULs, empty texts get numbers; of few records none is far."""
    result = drive(Outliers(), text_layout(), split([*prose(120), *HOSTILE]))

    assert np.isfinite(result.scores).all()
    assert drive(Outliers(), text_layout(), split(["alone"])).notes
    words = pa.record_batch({"only": ["words"] * 200})
    assert drive(Outliers(), TABLE, [Batch(rows=np.arange(200), table=words)]).notes
