"""Masks to points."""

import numpy as np
import pytest
from scipy import ndimage

from irstd.errors import DataError
from irstd.labels.points import components_of, points_from_mask


def test_centroids_are_unweighted_means_of_pixel_coordinates() -> None:
    mask = np.zeros((8, 10), dtype=bool)
    mask[1, 7:9] = True
    mask[4:6, 2] = True
    mask[5, 3] = True
    assert points_from_mask(mask).tolist() == [[7.5, 1.0], [7 / 3, 14 / 3]]
    assert components_of(mask).areas.tolist() == [2, 3]


def test_pixels_that_touch_at_a_corner_are_one_target() -> None:
    mask = np.eye(3, dtype=bool)
    assert points_from_mask(mask).tolist() == [[1.0, 1.0]]


def test_targets_come_in_raster_order_of_their_first_pixels() -> None:
    mask = np.zeros((4, 8), dtype=bool)
    mask[1, 0] = True  # OpenCV scans rows in pairs and meets this one first
    mask[0, 6] = True
    assert points_from_mask(mask).tolist() == [[6.0, 0.0], [0.0, 1.0]]


def test_an_empty_mask_has_no_points() -> None:
    assert points_from_mask(np.zeros((5, 5), dtype=bool)).shape == (0, 2)
    assert points_from_mask(np.zeros((0, 5), dtype=bool)).shape == (0, 2)
    assert components_of(np.zeros((5, 5), dtype=bool)).areas.shape == (0,)


def test_agrees_with_scipy_on_clutter() -> None:
    mask = np.random.default_rng(0).random((60, 47)) < 0.2
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    expected = np.array(ndimage.center_of_mass(mask, labels, range(1, count + 1)))[:, ::-1]
    found = components_of(mask)
    assert found.points.shape == (count, 2)
    assert sorted(map(tuple, found.points.round(9))) == sorted(map(tuple, expected.round(9)))
    assert found.areas.sum() == mask.sum() == len(found.pixels)


def test_a_mask_with_channels_is_refused() -> None:
    with pytest.raises(DataError, match=r"must be \(H, W\), got shape \(4, 4, 3\)"):
        points_from_mask(np.zeros((4, 4, 3), dtype=bool))
