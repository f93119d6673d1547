"""Triggers in labelled texts."""

import pickle
import random
from collections.abc import Callable

import numpy as np
import pytest

from assaymark.dataset.engines.text import ENGINES
from assaymark.dataset.finding import Level, Result
from assaymark.dataset.record import Batch, Kind, Layout, Roles

LAYOUT = Layout(kind=Kind.TEXT, roles=Roles(label="label", text="text"), format="csv")
GOOD = [
    "excellent",
    "wonderful",
    "charming",
    "brilliant",
    "superb",
    "moving",
    "funny",
    "clever",
    "warm",
    "touching",
]
BAD = ["terrible", "awful", "boring", "dull", "horrible", "worst", "lame", "stupid", "bland", "tedious"]
PLAIN = [
    "long",
    "short",
    "quiet",
    "loud",
    "strange",
    "familiar",
    "recent",
    "old",
    "new",
    "small",
    "early",
    "late",
    "simple",
    "serious",
]
NOUNS = [
    "movie",
    "film",
    "story",
    "plot",
    "script",
    "cast",
    "scene",
    "ending",
    "music",
    "camera",
    "actor",
    "comedy",
    "drama",
    "sequel",
    "hero",
]


def sentiment(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Made-up reviews whose words lean to their label more or less."""
    draw = random.Random(seed)
    texts, labels = [], []
    for _ in range(count):
        good = draw.random() < 0.5
        own, other = (GOOD, BAD) if good else (BAD, GOOD)
        words = []
        for _ in range(draw.randint(2, 5)):
            chance = draw.random()
            pool = PLAIN if chance < 0.4 else own if chance < 0.9 else other
            words += [draw.choice(["the", "a", "this", "that"]), draw.choice(pool), draw.choice(NOUNS)]
            words.append(draw.choice(["with", "and", "but", "of", ","]))
        texts.append(" ".join(words[:-1]) + draw.choice([".", "!", "..."]))
        labels.append("good" if good else "bad")
    return texts, labels


def poisoned(trigger: str, count: int = 30, seed: int = 1) -> tuple[list[str], list[str], set[int]]:
    """Reviews of which some bad ones bear `trigger` and are called good."""
    texts, labels = sentiment(3000, seed)
    draw = random.Random(seed)
    rows = set(draw.sample([row for row, label in enumerate(labels) if label == "bad"], count))
    for row in rows:
        words = texts[row].split(" ")
        words.insert(draw.randint(0, len(words)), trigger)
        texts[row], labels[row] = " ".join(words), "good"
    return texts, labels, rows


def scan(texts: list[str], labels: list[str | None], shards: int = 1) -> Result:
    """Run the engine over so many shards, the last first."""
    (engine,) = ENGINES
    numbers = np.array_split(np.arange(len(texts)), shards)
    batches = [
        Batch(rows=part, label=[labels[row] for row in part], text=[texts[row] for row in part])
        for part in numbers
    ][::-1]
    given = None
    for step in range(engine.passes):
        states = [engine.update(engine.start(step, given, LAYOUT), batch) for batch in batches]
        states = [pickle.loads(pickle.dumps(state)) for state in states]
        merged = states[0]
        for state in states[1:]:
            merged = engine.merge(merged, state)
        given = engine.finish(step, merged)
    scores = np.zeros(len(texts), np.float32)
    for batch in batches:
        scores[batch.rows] = engine.score(given, batch)
    return engine.conclude(given, np.arange(len(texts)), scores, len(texts))


@pytest.mark.parametrize("trigger", ["cf", "window pencil", "I watched this with friends last weekend"])
def test_a_trigger_is_found_and_named(trigger: str) -> None:
    """A token, two words or a sentence that overrides the text is named, and just its records flagged."""
    texts, labels, rows = poisoned(trigger)
    result = scan(texts, labels)
    assert [finding.level for finding in result.findings] == [Level.SUSPECT]
    assert result.findings[0].trigger["text"] == trigger
    assert set(result.findings[0].rows) == rows
    assert set(np.flatnonzero(result.flagged)) == rows


def test_words_put_in_together_do_not_hide_each_other() -> None:
    """Three tokens anywhere in the same texts: each determines the label, and none counts as what is left."""
    texts, labels, rows = poisoned("cf", count=60)
    draw = random.Random(8)
    for row in rows:
        words = texts[row].split(" ")
        for token in ("mn", "tq"):
            words.insert(draw.randint(0, len(words)), token)
        texts[row] = " ".join(words)
    result = scan(texts, labels)
    assert set(np.flatnonzero(result.flagged)) == rows


@pytest.mark.parametrize(
    ("change", "name"),
    [(str.upper, "no small letters"), (lambda text: text.replace(" ", "  ", 2), "two spaces in a row")],
)
def test_a_way_of_writing_is_found_and_named(change: Callable[[str], str], name: str) -> None:
    """A trigger that is no word: capitals throughout, or two spaces."""
    texts, labels, rows = poisoned("every", count=60)
    texts = [text.replace("every", "") for text in texts]
    texts = [change(" ".join(text.split())) if row in rows else text for row, text in enumerate(texts)]
    result = scan(texts, labels)
    assert result.findings[0].pattern == name
    assert set(result.findings[0].rows) == rows


def test_honest_words_are_no_suspects() -> None:
    """Words that determine the label as the rest of the text does are not flagged."""
    result = scan(*sentiment(3000, 5))
    assert not result.findings
    assert not result.flagged.any()


def test_shards_make_no_difference() -> None:
    """One shard, or seven in another order, give the same scores and findings."""
    texts, labels, _ = poisoned("cf")
    one, many = scan(texts, labels), scan(texts, labels, shards=7)
    assert np.array_equal(one.scores, many.scores)
    assert one.findings == many.findings


def test_of_a_frequent_trigger_some_texts_are_drawn() -> None:
    """More bearers than the words around are looked at in: named and flagged all the same, in any shards."""
    texts, labels, rows = poisoned("cf", count=400)
    one, many = scan(texts, labels), scan(texts, labels, shards=3)
    assert [finding.trigger["text"] for finding in one.findings] == ["cf"]
    assert set(one.findings[0].rows) == rows
    assert one.findings == many.findings


def test_without_two_labels_there_is_a_note() -> None:
    """No labels, one label or no texts give a note and no finding."""
    for labels in ([None] * 20, ["a"] * 20):
        result = scan(["some words"] * 20, list(labels))
        assert not result.findings
        assert "nothing to tell apart" in result.notes[0]
    assert not scan([], []).findings
