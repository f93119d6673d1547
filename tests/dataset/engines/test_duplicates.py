"""Duplicates: the same, nearly the same, with other labels, across splits."""

import numpy as np
import pyarrow as pa
import pytest

from assaymark.dataset.engines.duplicates import Duplicates
from assaymark.dataset.engines.duplicates_groups import clusters
from assaymark.dataset.engines.duplicates_words import words
from assaymark.dataset.finding import Finding, Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from tests.dataset.engines.driven import HOSTILE, drive, same, split, text_layout


def sentences(count: int, seed: int = 1) -> list[str]:
    """Texts of fourteen made-up words."""
    rng = np.random.default_rng(seed)
    vocabulary = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(3_000)]
    return [" ".join(rng.choice(vocabulary, 14)) for _ in range(count)]


def told(result: Result, pattern: str) -> Finding:
    """The finding of that pattern."""
    return next(f for f in result.findings if f.pattern == pattern)


def test_the_same_text_is_found_whatever_its_case_and_spaces() -> None:
    """Case, space and punctuation make no difference."""
    texts = sentences(60)
    texts[41] = texts[7].upper().replace(" ", "  ,")

    result = drive(Duplicates(), text_layout(), split(texts))

    found = told(result, "the same record more than once")
    assert found.rows == (7, 41)
    assert found.level is Level.NOTE
    assert result.scores[[7, 41]].tolist() == [0.5, 0.5]
    assert not result.flagged.any()
    assert found.examples[0].text == texts[7]


def test_nearly_the_same_text_is_found() -> None:
    """One word more makes a near duplicate; other texts with a few words in common do not."""
    texts = sentences(200)
    texts[150] = texts[3] + " extra"
    texts[151] = texts[4][:40] + texts[5][:50]

    found = drive(Duplicates(), text_layout(), split(texts)).findings

    assert [(f.pattern, f.rows) for f in found] == [("nearly the same record", (3, 150))]


def test_short_texts_are_the_same_by_chance() -> None:
    """“ok” a hundred times is no finding."""
    assert drive(Duplicates(), text_layout(), split(["ok", "thanks a lot"] * 100)).findings == ()


def test_the_same_text_with_two_labels_comes_first() -> None:
    """Repeats that disagree are told before those that agree, and score highest."""
    texts = sentences(40)
    texts[30], texts[31] = texts[0], texts[1]
    labels = ["a"] * 30 + ["b", "a"] + ["a"] * 8

    result = drive(Duplicates(), text_layout(), split(texts, labels))

    assert result.findings[0].pattern == "the same record with different labels"
    assert result.findings[0].rows == (0, 30)
    assert result.scores[[0, 30, 1, 31]].tolist() == [1, 1, 0.5, 0.5]


def test_what_is_in_train_and_in_test_is_a_leak() -> None:
    """Records of the smaller split that stand in the larger one are counted, near ones too."""
    texts = sentences(50)
    texts[45], texts[46] = texts[2], texts[3] + " more"
    batch = Batch(rows=np.arange(50), text=texts, split=["train"] * 40 + ["test"] * 10)

    found = drive(Duplicates(), text_layout(split="split"), [batch]).findings

    leak = found[0]
    assert (leak.rows, leak.where) == ((45, 46), "split")
    assert "2 of the 10 records of “test” (20.00%) are also in “train”, 1 of them the same" in leak.summary


def test_rows_of_a_table_are_compared_without_label_and_id() -> None:
    """Cells of every type count; the label, which may differ, and the id, which does, do not."""
    table = pa.record_batch(
        {
            "id": [1, 2, 3, 4],
            "x": [1.5, None, 1.5, 2.0],
            "c": pa.array(["u", "v", "u", None]).dictionary_encode(),
            "d": pa.array([[1], [2], [1], [1]]),
            "y": ["no", "no", "yes", "no"],
        }
    )
    batch = Batch(rows=np.arange(4), table=table, label=table["y"].to_pylist())
    layout = Layout(kind=Kind.TABLE, roles=Roles(label="y", id="id"), format="csv")

    found = drive(Duplicates(), layout, [batch]).findings

    assert [f.rows for f in found] == [(0, 2), (0, 2)]
    assert "x=1.5" in found[0].examples[0].text


def images(count: int) -> list[np.ndarray]:
    """Pictures of a few soft blobs, unlike one another."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:32, :32]
    made = []
    for _ in range(count):
        picture = np.zeros((32, 32, 3))
        for _ in range(6):
            a, b, s = rng.uniform(0, 32, 3)
            picture += (
                rng.uniform(-90, 90, 3) * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (8 + 4 * s))[..., None]
            )
        made.append(np.clip(picture + 128, 0, 255).astype(np.uint8))
    return made


def test_images_with_a_little_noise_are_near() -> None:
    """The same pixels are the same, noise makes near; flat and missing images are left out."""
    pictures: list[np.ndarray | None] = [*images(80)]
    noise = np.random.default_rng(2).integers(-6, 7, (32, 32, 3))
    pictures[60] = pictures[5]
    pictures[61] = np.clip(pictures[6].astype(int) + noise, 0, 255).astype(np.uint8)  # type: ignore[union-attr]
    pictures[62] = pictures[63] = np.full((32, 32, 3), 200, dtype=np.uint8)
    pictures[64] = None
    batch = Batch(rows=np.arange(80), image=pictures)
    layout = Layout(kind=Kind.IMAGES, roles=Roles(image="image"), format="images")

    result = drive(Duplicates(), layout, [batch])

    assert {f.pattern: f.rows for f in result.findings} == {
        "the same record more than once": (5, 60),
        "nearly the same record": (6, 61),
    }
    assert result.looked_at == 77


@pytest.mark.parametrize("shards", [2, 5, 16])
def test_shards_and_order_make_no_difference(shards: int) -> None:
    """One shard or sixteen, in any order: the same result."""
    texts = sentences(300)
    for n in range(0, 200, 10):
        texts[n + 5] = texts[n] + (" more" if n % 20 else "")
    labels = [str(n % 3) for n in range(300)]
    batches = split(texts, labels)

    alone = drive(Duplicates(), text_layout(), batches)

    assert len(alone.findings) == 4
    assert same(alone, drive(Duplicates(), text_layout(), batches, shards, seed=shards))


def test_hostile_and_single_records() -> None:
    """Lone surrogates, NULs, one record, none worth a look: an answer each time."""
    result = drive(Duplicates(), text_layout(), split([*HOSTILE, *HOSTILE]))

    assert np.isfinite(result.scores).all()
    assert drive(Duplicates(), text_layout(), split(["one"])).notes == (
        "No record was long enough to compare.",
    )


def test_a_word_has_one_hash_wherever_it_stands() -> None:
    """Hashes depend on the word alone; characters of scripts without spaces are words."""
    (found,) = words(["Rain, again rain", "rain", "雨雨 rain"])

    assert found.starts.tolist() == [0, 3, 4, 7]
    assert len({found.hashes[n] for n in (0, 2, 3, 6)}) == 1
    assert found.hashes[4] == found.hashes[5]


def test_clusters_follow_chains() -> None:
    """Links are followed to the lowest position, however long the chain."""
    links = np.array([[n, n + 1] for n in range(8, 0, -1)] + [[12, 10]])

    assert clusters(13, links).tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10, 11, 10]


def test_many_labels_are_named_alike_in_any_order() -> None:
    """With more labels than names are kept for, the same names are kept whatever the order of arrival."""
    texts = sentences(1_400)
    texts[700:] = texts[:700]
    batches = split(texts, [f"label {n}" for n in range(1_400)], 100)

    alone = drive(Duplicates(), text_layout(), batches)

    assert alone.findings[0].count == 1_400
    assert same(alone, drive(Duplicates(), text_layout(), batches, 4, seed=9))
