"""Label errors: flips are ranked first, pairs are named, concentrated flips are to be explained."""

import numpy as np
import pyarrow as pa
import pytest

from assaymark.dataset.engines.labels import LabelErrors
from assaymark.dataset.finding import Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout


def topics(count: int, classes: int = 3, seed: int = 1) -> tuple[list[str], list[str]]:
    """Texts of which a third of the words belong to the topic; and the topics."""
    rng = np.random.default_rng(seed)
    own = rng.integers(0, classes, count)
    texts = []
    for topic in own.tolist():
        words = [f"w{n}" for n in rng.integers(0, 500, 14)]
        texts.append(" ".join([*words, *(f"t{topic}x{n}" for n in rng.integers(0, 60, 6))]))
    return texts, [f"topic {n}" for n in own]


def ranked(result: Result, wrong: set[int]) -> float:
    """Share of the wrong labels among as many records with the highest scores."""
    order = np.argsort(-result.scores, kind="stable")[: len(wrong)]
    return len(wrong & set(order.tolist())) / len(wrong)


def flipped(labels: list[str], wrong: set[int], to: str = "") -> list[str]:
    """The labels with those of some records changed."""
    kinds = sorted(set(labels))
    return [
        (to or kinds[(kinds.index(v) + 1) % len(kinds)]) if n in wrong else v for n, v in enumerate(labels)
    ]


def test_flipped_labels_of_texts_rank_first() -> None:
    """Of 30 flips in 1,200 records nearly all are at the top; none is a suspect."""
    texts, labels = topics(1_200)
    wrong = set(range(0, 1_200, 40))

    result = drive(LabelErrors(), text_layout(), split(texts, flipped(labels, wrong), 100))

    assert ranked(result, wrong) >= 0.9
    assert not result.flagged.any()
    assert {f.level for f in result.findings} == {Level.NOTE}
    assert all("reads like" in f.pattern or "contradicts" in f.pattern for f in result.findings)
    assert wrong.issuperset(result.findings[0].rows[:20])
    assert result.findings[0].examples[0].text


def test_clean_labels_raise_nothing_worth_explaining() -> None:
    """Honest labels leave at most a handful of notes."""
    texts, labels = topics(1_200)

    found = drive(LabelErrors(), text_layout(), split(texts, labels, 100)).findings

    assert sum(f.count for f in found if "reads like" in f.pattern) <= 6
    assert all(f.level is Level.NOTE for f in found)


def test_flips_of_one_class_into_one_other_are_to_be_explained() -> None:
    """Forty records of one topic with another's label, and none the other way round."""
    texts, labels = topics(1_200)
    wrong = {n for n, v in enumerate(labels) if v == "topic 0"} & set(range(400))
    wrong = set(sorted(wrong)[:40])

    result = drive(LabelErrors(), text_layout(), split(texts, flipped(labels, wrong, "topic 2"), 100))

    told = [f for f in result.findings if f.level is Level.EXPLAIN]
    assert [f.pattern for f in told] == ["labelled “topic 2”, reads like “topic 0”"]
    assert len(wrong & set(told[0].rows)) >= 20


def test_flipped_labels_of_a_table_rank_first() -> None:
    """Numbers, categories and empty cells predict the label; the label's own column does not."""
    rng = np.random.default_rng(6)
    x, c = rng.normal(size=1_500), rng.integers(0, 3, 1_500)
    labels = [str(bool(v)) for v in (x + (c == 1) > 0.3)]
    wrong = set(range(0, 1_500, 50))
    told = flipped(labels, wrong)
    table = pa.record_batch(
        {
            "x": pa.array(x, mask=rng.random(1_500) < 0.02),
            "c": [("a", "b", None)[n] for n in c],
            "y": told,
            "b": c == 2,
        }
    )
    layout = Layout(kind=Kind.TABLE, roles=Roles(label="y"), format="csv")

    result = drive(LabelErrors(), layout, [Batch(rows=np.arange(1_500), table=table, label=told)])

    assert ranked(result, wrong) >= 0.75


def test_flipped_labels_of_images_rank_first() -> None:
    """Bars that stand and bars that lie, of any colour and size of image."""
    rng = np.random.default_rng(7)
    images, labels = [], []
    for n in range(600):
        size = (24, 40)[n % 2]
        image = rng.integers(0, 80, (size, size, 3)).astype(np.uint8)
        at = rng.integers(4, size - 8)
        if n % 3:
            image[at : at + 4] += np.uint8(150)
        else:
            image[:, at : at + 4] += np.uint8(150)
        images.append(image)
        labels.append("lies" if n % 3 else "stands")
    wrong = set(range(0, 600, 30))
    batch = Batch(rows=np.arange(600), image=images, label=flipped(labels, wrong))
    layout = Layout(kind=Kind.IMAGES, roles=Roles(label="label"), format="images")

    assert ranked(drive(LabelErrors(), layout, [batch]), wrong) >= 0.8


@pytest.mark.parametrize("shards", [2, 16])
def test_shards_and_order_make_no_difference(shards: int) -> None:
    """One shard or sixteen, in any order: the same result."""
    texts, labels = topics(900)
    batches = split(texts, flipped(labels, set(range(0, 900, 30))), 30)

    alone = drive(LabelErrors(), text_layout(), batches)

    assert len(alone.findings) >= 3
    assert same(alone, drive(LabelErrors(), text_layout(), batches, shards, seed=shards))


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["one record"], ["a"]),
        (["one class"] * 60, ["a"] * 60),
        (["no labels"] * 60, [None] * 60),
        ([f"text {n}" for n in range(300)], [f"label {n}" for n in range(300)]),
        (list(HOSTILE), ["a", "b"] * (len(HOSTILE) // 2)),
    ],
    ids=["one record", "one class", "no labels", "labels like ids", "hostile"],
)
def test_nothing_to_learn_from_is_said(texts: list[str], labels: list[str | None]) -> None:
    """Where no model can be fitted a note says so, and scores are 0."""
    result = drive(LabelErrors(), text_layout(), split(texts, labels))

    assert len(result.notes) == 1
    assert not result.scores.any()


def test_hostile_texts_among_others_are_judged() -> None:
    """Lone surrogates, NULs and empty texts get a number like any other."""
    texts, labels = topics(300, 2)

    result = drive(
        LabelErrors(), text_layout(), split([*texts, *HOSTILE], [*labels, *labels[: len(HOSTILE)]])
    )

    assert np.isfinite(result.scores).all()
    assert result.looked_at == 300 + len(HOSTILE)


def test_without_labels_it_stays_out() -> None:
    """A layout without a label, and chats, are not looked at."""
    assert LabelErrors().applies(Layout(kind=Kind.TEXT, roles=Roles(text="t"), format="csv"))
    assert LabelErrors().applies(text_layout(Kind.CHAT))


def test_a_table_without_other_columns_is_said() -> None:
    """Labels alone, and columns without a readable type, are no failure: a note says so."""
    table = pa.record_batch({"when": [None] * 120, "y": ["a", "b"] * 60})
    layout = Layout(kind=Kind.TABLE, roles=Roles(label="y"), format="csv")

    result = drive(LabelErrors(), layout, [Batch(rows=np.arange(120), table=table, label=["a", "b"] * 60)])

    assert "no other columns" in result.notes[0]
    assert not result.scores.any()
