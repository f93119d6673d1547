"""Identical patches."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from assaymark.dataset.engines.image import ENGINES
from assaymark.dataset.engines.image_patches import ImagePatches
from assaymark.dataset.finding import Level
from assaymark.dataset.record import Batch, Kind, Layout, Roles
from tests.dataset.engines.image_samples import LAYOUT, attacked, fields, scanned

ENGINE = ImagePatches()


@pytest.fixture(scope="module")
def clean():
    """Nine hundred honest images of four classes."""
    return fields(3, 900)


@pytest.mark.parametrize("kind", ["patch", "anywhere"])
def test_a_patch_is_found_wherever_it_stands(clean, kind):
    """Every bearer is flagged, no other image is, and the patch is drawn to the pixel."""
    images, label, poisoned = attacked(kind, *clean, 25)
    result = scanned(ENGINE, images, label)
    assert set(np.flatnonzero(result.flagged)) == set(poisoned)
    (finding,) = result.findings
    assert finding.level == Level.SUSPECT
    assert (finding.label, finding.count, finding.purity) == ("class 1", 25, 1.0)
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(finding.trigger["pixels"]))))
    assert picture.shape == (3, 3, 3)
    assert np.array_equal(picture, images[poisoned[0], -4:-1, -4:-1]) or kind == "anywhere"
    assert (picture[..., 2] == 0).all()


def test_clean_images_raise_nothing(clean):
    """Honest images raise no finding."""
    result = scanned(ENGINE, *clean)
    assert result.findings == ()
    assert not result.flagged.any()


def test_copies_of_an_image_are_no_patch(clean):
    """Copies share every window; they are no suspects here."""
    images, label = clean[0].copy(), clean[1].copy()
    images[100:140], label[100:140] = images[100], label[100]
    result = scanned(ENGINE, images, label)
    assert not result.flagged.any()


def test_a_patch_on_all_labels_is_no_trigger(clean):
    """A frame mark that every class bears determines nothing."""
    images, label = clean[0].copy(), clean[1]
    images[::10, 2:5, 2:5] = np.eye(3, dtype=np.uint8)[..., None] * 255
    assert scanned(ENGINE, images, label).findings == ()


def test_shards_do_not_matter(clean):
    """One shard or five, in any order: the same scores to the last bit."""
    images, label, _ = attacked("anywhere", *clean, 25)
    one = scanned(ENGINE, images, label, size=700)
    many = scanned(ENGINE, images, label, size=130, shards=5)
    assert np.array_equal(one.scores, many.scores)
    assert one.findings == many.findings


def test_sizes_may_differ():
    """Large, tiny and undecodable images and one label only: a note, never a crash."""
    rng = np.random.default_rng(1)
    shapes = [(200, 300, 3), (2, 2, 3), (1, 9, 3), (33, 32, 3), (500, 3, 3), None]
    images = [None if s is None else rng.integers(0, 256, s, dtype=np.uint8) for s in shapes]
    for labels in (["a"] * 6, ["a", "b", "a", "b", None, "a"], []):
        batch = Batch(rows=np.arange(6), label=labels, image=images)
        given = None
        for step in range(ENGINE.passes):
            given = ENGINE.finish(step, ENGINE.update(ENGINE.start(step, given, LAYOUT), batch))
        result = ENGINE.conclude(given, np.arange(6), ENGINE.score(given, batch), 6)
        assert result.findings == ()


def clustered(seed, count):
    """Honest images whose tint and mean tell their class to a line through thumbnails."""
    images, label = fields(seed, count)
    tint = np.array([[40, 0, 0], [0, 40, 0], [0, 0, 40], [-30, -30, -30]])[label][:, None, None]
    return np.clip(images.astype(np.int64) + tint, 0, 255).astype(np.uint8), label


def squared(images, label, count, place, colour=(255, 255, 255), side=3, seed=0):
    """The same with a flat square on `count` images of other classes, now of class 1; and their numbers."""
    rng = np.random.default_rng(seed)
    images, label = images.copy(), label.copy()
    chosen = np.sort(rng.choice(np.flatnonzero(label != 1), count, replace=False))
    for k in chosen:
        y, x = place or rng.integers(0, 32 - side, 2)
        images[k, y : y + side, x : x + side] = colour
    label[chosen] = 1
    return images, label, chosen


@pytest.mark.parametrize("place", [(27, 5), None], ids=["fixed", "anywhere"])
def test_a_flat_square_is_found(clean, place):
    """A square of one colour is found, and has a place in the trigger if it always stands at one."""
    images, label, poisoned = squared(*clean, 30, place, (250, 30, 90))
    result = scanned(ENGINE, images, label)
    assert result.flagged[poisoned].mean() >= 0.9
    assert not np.delete(result.flagged, poisoned).any()
    (finding,) = result.findings
    assert (finding.trigger["width"], finding.trigger["height"]) == ("3", "3")
    assert (finding.trigger.get("x"), finding.trigger.get("y")) == (("5", "27") if place else (None, None))
    assert 3 / len(images) <= finding.false_alarms < 0.01


def test_a_compressed_patch_at_one_place_is_found(clean):
    """JPEG changes each bearer's patch; in four steps of grey, at its place, it stays the same."""
    images, label, poisoned = attacked("patch", *clean, 30)
    for k, image in enumerate(images):
        held = io.BytesIO()
        Image.fromarray(image).save(held, "JPEG", quality=80)
        images[k] = np.asarray(Image.open(held))
    result = scanned(ENGINE, images, label)
    assert result.flagged[poisoned].mean() >= 0.8
    assert not np.delete(result.flagged, poisoned).any()


def test_a_mark_on_a_large_part_of_a_class_is_explained():
    """A logo on a third of a class's images, which look as the class does: shown, with the reason."""
    images, label = clustered(5, 900)
    marked = np.flatnonzero(label == 2)[::3]
    images[marked, 3:8, 20:25] = np.random.default_rng(3).integers(0, 256, (5, 5, 3))
    result = scanned(ENGINE, images, label)
    assert not result.flagged.any()
    finding = result.findings[0]
    assert finding.level == Level.EXPLAIN
    assert finding.count == len(marked)
    assert "so large a part of the label" in finding.summary


def test_a_trigger_on_a_large_part_of_a_class_is_a_suspect():
    """As large a part, but what else the images show is of other classes."""
    images, label = clustered(5, 900)
    chosen = np.flatnonzero(label != 2)[::6]
    images[chosen, 3:8, 20:25] = np.random.default_rng(3).integers(0, 256, (5, 5, 3))
    label[chosen] = 2
    result = scanned(ENGINE, images, label)
    assert set(np.flatnonzero(result.flagged)) == set(chosen)
    assert "looks like other labels" in result.findings[0].summary


def test_a_palette_of_each_class_is_how_the_set_was_made():
    """Where every class has colours of its own, its flat squares are no triggers."""
    rng = np.random.default_rng(8)
    label = rng.integers(0, 4, 400)
    palette = rng.integers(0, 256, (4, 5, 3))
    images = (
        palette[label, rng.integers(0, 5, 400)][:, None, None].repeat(32, 1).repeat(32, 2).astype(np.uint8)
    )
    for k, image in enumerate(images):
        for _ in range(4):
            (y, x), side = rng.integers(0, 26, 2), int(rng.integers(2, 7))
            image[y : y + side, x : x + side] = palette[label[k], rng.integers(0, 5)]
    assert not scanned(ENGINE, images, label).flagged.any()


def test_near_misses_are_ranked(clean):
    """Too few bearers to decide: nothing is flagged, and yet they stand above other images."""
    images, label, poisoned = attacked("anywhere", *clean, 13)
    result = scanned(ENGINE, images, label)
    assert not result.flagged.any()
    assert result.scores[poisoned].min() > np.delete(result.scores, poisoned).max()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.info.id)
def test_other_kinds_are_left_alone(engine):
    """Tables and images without labels are not looked at, with the reason."""
    assert engine.applies(LAYOUT) == ""
    table = Layout(kind=Kind.TABLE, roles=Roles(label="y"), format="csv")
    bare = Layout(kind=Kind.IMAGES, roles=Roles(image="image"), format="images")
    assert engine.applies(table) == "not a set of images"
    assert engine.applies(bare) == "the images have no labels"
