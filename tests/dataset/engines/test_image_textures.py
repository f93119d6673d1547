"""Textures that a warp, a re-encoding or a filter leaves on some images of one class."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

from assaymark.dataset.engines.image_textures import ImageTextures
from assaymark.dataset.engines.image_textures_features import TEXTURES, measure
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch
from tests.dataset.engines.driven import same
from tests.dataset.engines.image_samples import LAYOUT, fields, scanned

ENGINE = ImageTextures()
COUNT = 3000


@pytest.fixture(scope="module")
def clean():
    """Three thousand honest images of four classes."""
    return fields(0, COUNT)


def warped(images):
    """Each moved by up to three quarters of a pixel, by one smooth field, in between by linear weights."""
    high, wide = images.shape[1:3]
    down, along = np.mgrid[0:high, 0:wide]
    up = np.clip(down + 0.75 * np.sin(along / 5.0), 0, high - 1.001)
    left = np.clip(along + 0.75 * np.cos(down / 6.0), 0, wide - 1.001)
    v, u = up.astype(int), left.astype(int)
    a, b = (up - v)[..., None], (left - u)[..., None]
    x = images.astype(float)
    over = x[:, v, u] * (1 - b) + x[:, v, u + 1] * b
    under = x[:, v + 1, u] * (1 - b) + x[:, v + 1, u + 1] * b
    return np.rint(over * (1 - a) + under * a).astype(np.uint8)


def reencoded(images):
    """Each through JPEG."""
    made = []
    for one in images:
        buffer = io.BytesIO()
        Image.fromarray(one).save(buffer, "JPEG", quality=75)
        made.append(np.asarray(Image.open(buffer)))
    return np.stack(made)


def attack(change, images, label, count, *, own=False):
    """`count` images changed: of other classes and relabelled to class 1, or of class 1 itself."""
    images, label = images.copy(), label.copy()
    pool = np.flatnonzero((label == 1) == own)
    chosen = np.sort(np.random.default_rng(7).choice(pool, count, replace=False))
    images[chosen] = change(images[chosen])
    label[chosen] = 1
    return images, label, chosen


@pytest.mark.parametrize("change", [warped, reencoded])
def test_relabelled_images_that_were_changed_are_found(clean, change):
    """A warp or a re-encoding of images from other classes is a suspect, and nearly only they are flagged."""
    images, label, poisoned = attack(change, *clean, 60)
    result = scanned(ENGINE, images, label)
    assert [(f.label, f.level) for f in result.findings] == [("class 1", Level.SUSPECT)]
    assert result.flagged[poisoned].mean() >= 0.9
    assert result.flagged.sum() - result.flagged[poisoned].sum() <= 6
    assert set(result.findings[0].rows) == set(np.flatnonzero(result.flagged))
    assert result.findings[0].false_alarms < 0.01


def test_another_camera_is_to_be_explained(clean):
    """The same trace on images that belong to the class flags nothing."""
    images, label, _ = attack(reencoded, *clean, 90, own=True)
    result = scanned(ENGINE, images, label)
    assert [f.level for f in result.findings] == [Level.EXPLAIN]
    assert not result.flagged.any()


def test_clean_images_raise_nothing(clean):
    """Honest classes raise no finding, and no image stands above the threshold."""
    result = scanned(ENGINE, *clean)
    assert result.findings == ()
    assert not result.flagged.any()
    assert result.scores.max() < 1
    assert result.looked_at == COUNT


def test_a_source_of_all_classes_is_nothing(clean):
    """A fifth of all images, whatever their class, re-encoded: no class differs from the others."""
    images, label = clean[0].copy(), clean[1]
    images[::5] = reencoded(images[::5])
    assert not any(f.level == Level.SUSPECT for f in scanned(ENGINE, images, label).findings)


def test_poison_ranks_above_clean_where_little_is_decided(clean):
    """Fifteen bearers are too few to be told, yet most stand above the hundredth highest clean score."""
    images, label, poisoned = attack(reencoded, *clean, 15)
    result = scanned(ENGINE, images, label)
    others = np.delete(result.scores, poisoned)
    assert (result.scores[poisoned] > np.sort(others)[-100]).mean() > 0.6


def test_shards_and_batches_do_not_matter(clean):
    """One shard or five, small batches or large: the same to the last bit."""
    images, label, _ = attack(warped, *clean, 60)
    assert same(scanned(ENGINE, images, label, size=700), scanned(ENGINE, images, label, size=130, shards=5))


def test_a_sample_scores_the_rest_alike(clean):
    """Records outside the sample are measured anew, by the same ruler: the poison among them is told too."""
    engine = ImageTextures(sample=2000)
    images, label, poisoned = attack(reencoded, *clean, 90)
    one = scanned(engine, images, label, size=700)
    assert one.flagged[poisoned].mean() >= 0.9
    assert same(one, scanned(engine, images, label, size=90, shards=7))


def test_states_travel(clean):
    """Engine, state and what was learnt survive pickling unchanged."""
    images, label, _ = attack(warped, *clean, 60)
    batch = Batch(rows=np.arange(COUNT), label=[str(x) for x in label], image=list(images))
    state = pickle.loads(pickle.dumps(ENGINE.update(ENGINE.start(0, None, LAYOUT), batch)))
    learnt = ENGINE.finish(0, state)
    again = pickle.loads(pickle.dumps(learnt))
    assert np.array_equal(pickle.loads(pickle.dumps(ENGINE)).score(again, batch), ENGINE.score(learnt, batch))


def test_sizes_may_differ():
    """Large, small, narrow, flat and undecodable images are measured or counted, and never crash."""
    rng = np.random.default_rng(1)
    shapes = [(200, 300, 3), (2, 2, 3), (24, 900, 3), (33, 32, 3), (5000, 30, 3), (32, 32, 3)]
    images = [None, *(rng.integers(0, 256, s, dtype=np.uint8) for s in shapes)]
    images += [np.zeros((32, 32, 3), np.uint8), np.full((40, 40, 3), 255, np.uint8)]
    textures, _, usable = measure(images)
    assert usable.tolist() == [False, True, False, True, True, True, True, True, True]
    assert textures.shape == (7, TEXTURES)
    labels = ["a", None, "b", "b", "a", "a", "b", "a", "b"]
    batch = Batch(rows=np.arange(9), label=labels, image=images)
    learnt = ENGINE.finish(0, ENGINE.update(ENGINE.start(0, None, LAYOUT), batch))
    result = ENGINE.conclude(learnt, np.arange(9), ENGINE.score(learnt, batch), 10)
    assert (len(result.scores), result.findings) == (10, ())
    assert any("could not be measured" in n for n in result.notes)
    assert any("fewer than two classes" in n for n in result.notes)


def test_flat_images_are_no_source():
    """Classes of images of one colour, where nothing varies, end without a finding or a wild number."""
    rng = np.random.default_rng(2)
    greys = rng.integers(0, 256, 400)
    images = np.broadcast_to(greys[:, None, None, None], (400, 32, 32, 3)).astype(np.uint8)
    result = scanned(ENGINE, images, rng.integers(0, 2, 400))
    assert result.findings == ()
    assert np.isfinite(result.scores).all()


def test_identifiers_are_no_classes():
    """Thousands of different labels end the search, in little memory."""
    image = np.zeros((32, 32, 3), np.uint8)
    rows = np.arange(5200)
    batch = Batch(rows=rows, label=[f"id {k}" for k in rows], image=[image] * 5200)
    state = ENGINE.update(ENGINE.start(0, None, LAYOUT), batch)
    assert not state.parts
    assert any("identifiers" in n for n in ENGINE.finish(0, state).notes)
