"""Grids, spectra and twins of images."""

import numpy as np

from assaymark.dataset.engines.image_grid import to_grid
from assaymark.dataset.engines.image_spectrum import ALONG, from_picture, spectrum, to_picture
from assaymark.dataset.engines.image_twins import twins
from assaymark.dataset.engines.image_whitening import whitening
from tests.dataset.engines.image_samples import fields

IMAGES = fields(3, 400)[0]


def test_images_of_the_grids_size_are_gridded_as_any_other():
    """An image of the grid's size, and the same with each pixel doubled, give the same cells."""
    small, large = to_grid(list(IMAGES[:50])), to_grid(list(IMAGES[:50].repeat(2, axis=1).repeat(2, axis=2)))
    assert np.array_equal(small[0], large[0])


def test_neighbours_do_not_change_a_spectrum():
    """Alone or among hundreds, an image has the same coefficients to the last bit."""
    grids = to_grid(list(IMAGES))[0]
    alone = np.concatenate([spectrum(grids[k : k + 1]) for k in range(len(grids))])
    assert np.array_equal(spectrum(grids), alone)


def test_extremes_stay_within_bounds():
    """Black, white, checked and blank images have finite coefficients, a flat one none but its colour's."""
    checked = (np.indices((32, 32)).sum(axis=0) % 2)[..., None].repeat(3, axis=2) * 255
    images = [np.zeros((32, 32, 3)), np.full((32, 32, 3), 255), checked, 255 - checked]
    found = spectrum(to_grid([i.astype(np.uint8) for i in images])[0])
    assert np.abs(found).max() <= 96
    assert not found[:2].any()
    assert found[2:].any()


def test_a_mirrored_image_has_mirrored_coefficients():
    """Left to right turned round, coefficients with an odd number of half waves change their sign."""
    there, back = (spectrum(to_grid(list(i))[0]).astype(int) for i in (IMAGES, IMAGES[:, :, ::-1]))
    assert np.abs(there * np.where(ALONG % 2, -1, 1) - back).max() <= 2


def test_pictures_and_coefficients_turn_into_each_other():
    """What `to_picture` makes, `from_picture` takes back."""
    values = np.random.default_rng(0).standard_normal((2, len(ALONG))).astype(np.float32)
    again = from_picture(*to_picture(values))
    kept = np.abs(again).sum(axis=0) > 0
    assert kept.sum() == len(ALONG) - 3
    assert np.allclose(again[:, kept], values[:, kept], atol=1e-4)


def test_twins_of_a_pattern_are_other_directions():
    """Twins have length 1 and nothing of the pattern; one that is its own mirror image has fewer."""
    by = whitening(spectrum(to_grid(list(IMAGES))[0]))
    axis = np.random.default_rng(1).standard_normal(len(ALONG)).astype(np.float32)
    for some, fewer in ((axis, 0), (np.where(ALONG % 2, 0, axis), 1)):
        some = some / np.linalg.norm(some)
        found = twins(some, by)
        assert np.allclose(np.linalg.norm(found, axis=0), 1, atol=1e-4)
        assert np.abs(some @ found).max() < 1e-4
        assert found.shape[1] == 13 - fewer
