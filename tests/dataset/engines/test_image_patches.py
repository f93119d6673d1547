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


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.info.id)
def test_other_kinds_are_left_alone(engine):
    """Tables and images without labels are not looked at, with the reason."""
    assert engine.applies(LAYOUT) == ""
    table = Layout(kind=Kind.TABLE, roles=Roles(label="y"), format="csv")
    bare = Layout(kind=Kind.IMAGES, roles=Roles(image="image"), format="images")
    assert engine.applies(table) == "not a set of images"
    assert engine.applies(bare) == "the images have no labels"
