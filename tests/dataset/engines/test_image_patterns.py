"""Faint patterns over whole images."""

import base64
import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from assaymark.dataset.engines.image_patterns import ImagePatterns
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch
from tests.dataset.engines.image_samples import LAYOUT, attacked, batches, fields, scanned

ENGINE = ImagePatterns()
COUNT = 3000


@pytest.fixture(scope="module")
def clean():
    """Three thousand honest images of four classes."""
    return fields(0, COUNT)


def test_a_pattern_is_found_and_its_bearers_named(clean):
    """Nearly all bearers of a faint pattern are flagged, nearly no other image is."""
    images, label, poisoned = attacked("blend", *clean, 60)
    result = scanned(ENGINE, images, label)
    assert [f.label for f in result.findings] == ["class 1"]
    assert result.flagged[poisoned].mean() >= 0.9
    assert result.flagged.sum() - result.flagged[poisoned].sum() <= 3
    assert result.findings[0].level == Level.SUSPECT
    assert set(result.findings[0].rows) == set(np.flatnonzero(result.flagged))


@pytest.mark.parametrize("kind", ["patch", "wave", "colour"])
def test_patterns_of_all_kinds_are_found(clean, kind):
    """A patch, a wave on images of the class itself, squares in colour alone: all are found."""
    images, label, poisoned = attacked(kind, *clean, 60)
    result = scanned(ENGINE, images, label)
    assert result.flagged[poisoned].mean() >= 0.8
    assert result.flagged.sum() - result.flagged[poisoned].sum() <= 3


def test_bearers_with_honest_labels_do_not_hide_the_others(clean):
    """Where as many images bear the pattern under their own labels, the others are found all the same."""
    images, label, poisoned = attacked("blend", *clean, 60)
    cover = np.setdiff1d(np.arange(COUNT), poisoned)[::49]
    noise = attacked("blend", np.zeros_like(images), clean[1], 60)[0][poisoned[0]]
    images[cover] = (images[cover] * 0.8 + noise).astype(np.uint8)
    result = scanned(ENGINE, images, label)
    assert result.flagged[poisoned].mean() >= 0.9


def test_a_mark_on_images_of_all_labels_is_explained_and_an_attack_is_flagged(clean):
    """One pattern in all classes: flagged where labels were turned, to be explained where they are true."""
    images, label = clean[0].copy(), clean[1].copy()
    marked = np.random.default_rng(5).choice(COUNT, 240, replace=False)
    noise = np.random.default_rng(6).integers(0, 256, images.shape[1:])
    images[marked] = (images[marked] * 0.8 + noise * 0.2).astype(np.uint8)
    honest = scanned(ENGINE, images, label)
    assert not honest.flagged.any()
    assert {f.level for f in honest.findings} == {Level.EXPLAIN}
    label[marked] = (label[marked] + 1) % 4
    assert scanned(ENGINE, images, label).flagged[marked].mean() >= 0.9


def test_poison_ranks_first_even_where_nothing_is_decided(clean):
    """Ten bearers are too few to decide; their scores still stand above nearly all others."""
    images, label, poisoned = attacked("blend", *clean, 10)
    scores = scanned(ENGINE, images, label).scores
    assert (scores[poisoned] > np.quantile(scores, 0.98)).mean() >= 0.8


def test_records_outside_the_sample_score_alike(clean):
    """An image scores the same whether it was in the sample or is met for the first time."""
    images, label, _ = attacked("blend", *clean, 60)
    batch = next(batches(images, label, COUNT))
    learnt = ENGINE.finish(0, ENGINE.update(ENGINE.start(0, None, LAYOUT), batch))
    forgotten = replace(learnt, rows=learnt.rows[:1], scores=learnt.scores[:1])
    assert np.array_equal(ENGINE.score(learnt, batch), ENGINE.score(forgotten, batch))


def test_clean_images_raise_nothing(clean):
    """Honest classes with averages and bars of their own raise no finding."""
    result = scanned(ENGINE, *clean)
    assert result.findings == ()
    assert not result.flagged.any()
    assert result.looked_at == COUNT


def test_shards_do_not_matter(clean):
    """One shard or five, small batches or large: the same scores to the last bit."""
    images, label, _ = attacked("blend", *clean, 60)
    one = scanned(ENGINE, images, label, size=700)
    many = scanned(ENGINE, images, label, size=130, shards=5)
    assert np.array_equal(one.scores, many.scores)
    assert one.findings == many.findings


def test_the_trigger_is_a_picture(clean):
    """The finding holds a PNG of what was added, which resembles it."""
    images, label, poisoned = attacked("blend", *clean, 60)
    trigger = scanned(ENGINE, images, label).findings[0].trigger
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(trigger["pixels"]))), dtype=float)
    assert trigger["kind"] == "add"
    assert picture.shape == (32, 32, 3)
    truth = images[poisoned].mean(axis=(0, 3)) - clean[0][label == 1].mean(axis=(0, 3))
    assert np.corrcoef(picture.mean(axis=2).ravel(), truth.ravel())[0, 1] > 0.7


def test_copies_of_an_image_are_no_pattern(clean):
    """A hundred copies of one image are for another engine to report."""
    images, label = clean[0].copy(), clean[1].copy()
    images[100:200], label[100:200] = images[100], label[100]
    assert scanned(ENGINE, images, label).findings == ()


def test_sizes_may_differ():
    """Large, small, narrow and undecodable images are gridded or counted, and never crash."""
    rng = np.random.default_rng(1)
    shapes = [(200, 300, 3), (2, 2, 3), (1, 9, 3), (33, 32, 3), (5000, 3, 3), None]
    images = [None if s is None else rng.integers(0, 256, s, dtype=np.uint8) for s in shapes]
    batch = Batch(rows=np.arange(6), label=["a", "a", "b", "b", None, "a"], image=images)
    learnt = ENGINE.finish(0, ENGINE.update(ENGINE.start(0, None, LAYOUT), batch))
    result = ENGINE.conclude(learnt, np.arange(6), ENGINE.score(learnt, batch), 7)
    assert result.findings == ()
    assert len(result.scores) == 7
    assert any("could not be decoded" in n for n in result.notes)
    assert any("no class has 60" in n for n in result.notes)


def test_identifiers_are_no_classes():
    """Thousands of different labels end the search, in little memory."""
    image = np.zeros((32, 32, 3), np.uint8)
    rows = np.arange(5200)
    batch = Batch(rows=rows, label=[f"id {k}" for k in rows], image=[image] * 5200)
    state = ENGINE.update(ENGINE.start(0, None, LAYOUT), batch)
    assert not state.parts
    learnt = ENGINE.finish(0, state)
    assert any("identifiers" in n for n in learnt.notes)


def test_states_travel(clean):
    """Engine, state and what was learnt survive pickling unchanged."""
    images, label, _ = attacked("blend", *clean, 60)
    batch = Batch(rows=np.arange(COUNT), label=[str(x) for x in label], image=list(images))
    state = pickle.loads(pickle.dumps(ENGINE.update(ENGINE.start(0, None, LAYOUT), batch)))
    learnt = ENGINE.finish(0, state)
    again = pickle.loads(pickle.dumps(learnt))
    engine = pickle.loads(pickle.dumps(ENGINE))
    assert np.array_equal(engine.score(again, batch), ENGINE.score(learnt, batch))
