"""Points to responses."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.labels.response import RESPONSES, gaussian_response, prps_response, weighted_crop
from tests.shared import SHARED, needs_shared


def dark(side: int = 96) -> NDArray[np.uint8]:
    return np.zeros((side, side), dtype=np.uint8)


def points(*pairs: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def test_prps_keeps_the_shape_of_the_target() -> None:
    image = dark()
    image[40, 40], image[40, 41] = 200, 100
    expected = np.zeros((24, 24))
    expected[10, 10], expected[10, 11] = 1.0, 0.5 * math.exp(-1 / 8)
    np.testing.assert_allclose(prps_response(image, points((40.2, 39.9))), expected, atol=1e-7)


def test_prps_averages_where_two_targets_overlap() -> None:
    image = dark()
    image[40, 40] = image[40, 52] = 200
    expected = np.zeros((24, 24))
    expected[10, 10] = expected[10, 13] = 0.5  # the other target's patch says 0 there
    np.testing.assert_allclose(prps_response(image, points((40, 40), (52, 40))), expected, atol=1e-7)


def test_gaussian_averages_where_two_targets_overlap() -> None:
    near, far = 1.0, math.exp(-9 / 8)
    response = gaussian_response(dark(), points((40, 40), (52, 40)))
    assert response[10, 10] == pytest.approx((near + far) / 2)
    assert response[10, 13] == pytest.approx((near + far) / 2)
    assert response[10, 5] == pytest.approx(math.exp(-25 / 8))  # covered by the first alone
    assert response[10, 20] == 0.0


def test_prps_crop_is_shifted_inward_at_the_border() -> None:
    image = dark()
    image[40, 2], image[40, 6] = 200, 100
    # The crop begins at column 0: the target stands four columns left of its middle, the fainter pixel in the middle.
    crop = weighted_crop(image, np.array([2.0, 40.0]))
    assert crop[6, 2] == pytest.approx(math.exp(-16 / 8))
    assert crop[6, 6] == pytest.approx(0.5)
    response = prps_response(image, points((2, 40)))
    assert response[10, 1] == pytest.approx(1.0)
    assert response.sum() == pytest.approx(1.0)  # the target's own pixel falls off the map


def test_patches_are_clipped_to_the_map_at_every_corner() -> None:
    for x, y, cell in ((0, 0, (0, 0)), (95, 0, (0, 24)), (0, 95, (24, 0)), (95, 95, (24, 24))):
        response = gaussian_response(dark(), points((x, y)))
        rows, columns = np.mgrid[:24, :24] - np.array(cell)[:, None, None]
        expected = np.exp(-(rows**2 + columns**2) / 8) * (np.maximum(abs(rows), abs(columns)) <= 6)
        np.testing.assert_allclose(response, expected, atol=1e-7)


def test_a_target_at_the_origin_is_a_target() -> None:
    assert prps_response(dark(), points((0, 0)))[0, 0] == 1.0


def test_a_flat_crop_gives_the_plain_gaussian() -> None:
    response = prps_response(np.full((96, 96), 77, dtype=np.uint8), points((40, 40)))
    corner = math.exp(-9)
    assert response[10, 10] == 1.0
    assert response[10, 13] == pytest.approx((math.exp(-9 / 8) - corner) / (1 - corner))
    assert np.isfinite(response).all()


@pytest.mark.parametrize("name", sorted(RESPONSES))
@pytest.mark.parametrize("shape", [(96, 80), (97, 81, 3), (13, 14)])
def test_every_response_lies_in_0_to_1_on_the_map_of_the_network(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    some = rng.uniform(-0.5, (shape[1] - 0.5, shape[0] - 0.5), (20, 2))
    response = RESPONSES[name](image, some)
    assert response.shape == (math.ceil(shape[0] / 4), math.ceil(shape[1] / 4))
    assert response.dtype == np.float32
    assert response.min() >= 0.0
    assert response.max() <= 1.0
    assert not RESPONSES[name](image, points()).any()


def test_grey_and_three_equal_channels_are_labelled_alike() -> None:
    grey = np.random.default_rng(2).integers(0, 256, (96, 96), dtype=np.uint8)
    where = points((30, 31), (60.5, 47.2))
    three = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_allclose(prps_response(grey, where), prps_response(three, where), atol=1e-6)


def test_a_target_off_the_image_is_refused() -> None:
    with pytest.raises(DataError, match=r"target at \(96\.0, 10\.0\) lies off the image of 96 × 96 px"):
        prps_response(dark(), points((5, 5), (96, 10)))
    with pytest.raises(DataError, match=r"target at \(nan, 10\.0\)"):
        gaussian_response(dark(), points((math.nan, 10)))


def test_an_image_smaller_than_the_crop_is_refused() -> None:
    with pytest.raises(DataError, match="PRPS crops 13 × 13 px, got an image of 12 × 12 px"):
        prps_response(dark(12), points((5, 5)))


def test_a_sigma_of_zero_is_refused() -> None:
    with pytest.raises(DataError, match="sigma_cells must be positive, got 0"):
        gaussian_response(dark(), points((5, 5)), sigma_cells=0)


@needs_shared
def test_prps_agrees_with_the_authors_labels_once_divided_twice() -> None:
    golden = np.load(SHARED / "spire-official" / "prps_golden.npz", allow_pickle=False)
    names = sorted({key.split("/")[0] for key in golden})
    assert len(names) == 8
    for name in names:
        image, (point,) = golden[f"{name}/image"], golden[f"{name}/points"]
        response = prps_response(image, point[None])
        column, row = (int(value / 4 + 0.5) for value in point)
        weighted = weighted_crop(image, point)
        patch = response[row - 6 : row + 7, column - 6 : column + 7]
        patch[...] = (patch - weighted.min()) / (weighted.max() - weighted.min())  # the released fault
        np.testing.assert_allclose(response, golden[f"{name}/heatmap"], atol=1e-5)
