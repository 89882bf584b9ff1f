"""The top-hat."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage

from irstd.errors import SettingsError
from irstd.models.base import Rules
from irstd.models.predict import predict, raw_output
from irstd.models.tophat import TopHat, TopHatSettings
from tests.frames.skies import faint_sky


def response(frame: NDArray[np.uint8], kernel: int = 5, half_snr: float = 10.0) -> NDArray[np.float32]:
    return raw_output(TopHat(TopHatSettings(kernel=kernel, half_snr=half_snr)), frame)


def test_agrees_with_scipys_white_tophat_inside() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (40, 50), dtype=np.uint8)
    height = ndimage.white_tophat(frame.astype(np.float64), size=(5, 5), mode="nearest") / 255
    ours = response(frame)
    recovered = (ours / (1 - ours))[8:-8, 8:-8]  # t / (half_snr · s)
    expected = height[8:-8, 8:-8]
    np.testing.assert_allclose(recovered / recovered.max(), expected / expected.max(), atol=1e-4)


def test_the_response_is_a_half_where_the_tophat_is_half_snr_times_the_noise() -> None:
    frame = np.full((20, 20), 40, dtype=np.uint8)
    frame[10, 10] = 240  # t is 200 levels there and 0 elsewhere, so its mean is a 400th of that
    assert response(frame, half_snr=400.0)[10, 10] == pytest.approx(0.5)
    assert response(frame, half_snr=100.0)[10, 10] == pytest.approx(0.8)


def test_a_frame_without_noise_is_held_to_the_rounding_of_its_levels() -> None:
    frame = np.full((20, 20), 40, dtype=np.uint8)
    frame[10, 10] = 41
    assert response(frame, half_snr=10.0)[10, 10] == pytest.approx(1 / (1 + 10 / 12**0.5), abs=1e-5)


def test_slopes_and_flat_frames_have_no_response() -> None:
    ramp = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))
    flat = np.full((9, 9), 200, dtype=np.uint8)
    for frame in (ramp, ramp[:, ::-1], ramp.T, ramp.T[::-1], flat, 0 * flat):
        assert not response(np.ascontiguousarray(frame)).any()


def test_bright_things_larger_than_the_square_have_no_response() -> None:
    frame = np.zeros((40, 40), dtype=np.uint8)
    frame[10:15, 10:15] = 200
    frame[25:29, 25:29] = 200
    marked = response(frame) > 0
    assert marked[25:29, 25:29].all()
    assert marked.sum() == 16


def test_a_target_at_the_border_is_seen() -> None:
    frame = np.zeros((40, 40), dtype=np.uint8)
    frame[20, 0] = 200
    assert np.argwhere(response(frame) > 0.5).tolist() == [[20, 0]]


@pytest.mark.parametrize("shape", [(31, 47), (3, 3), (1, 9)])
def test_frames_of_any_size_keep_it(shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert response(frame, kernel=11).shape == shape


def test_each_frame_of_a_batch_has_its_own_noise() -> None:
    torch.manual_seed(0)
    detector = TopHat(TopHatSettings())
    images = torch.rand(2, 1, 30, 30) * torch.tensor([1.0, 0.1]).view(2, 1, 1, 1)
    apart = torch.cat([detector(image[None]) for image in images])
    assert torch.equal(detector(images), apart)


def test_detections_are_components_and_the_response_is_the_output() -> None:
    frame = np.full((40, 40), 30, dtype=np.uint8)
    frame[10, 10:12] = 130
    prediction = predict(TopHat(TopHatSettings()), frame, Rules(threshold=0.5))
    assert prediction.operating.points.tolist() == [[10.5, 10.0]]
    assert prediction.operating.scores[0] == prediction.response[10, 10]
    assert prediction.response.shape == (40, 40)


@pytest.mark.parametrize("kernel", [-3, 0, 1, 4])
def test_a_kernel_that_is_no_odd_square_is_refused(kernel: int) -> None:
    with pytest.raises(SettingsError, match=r"^kernel: "):
        TopHatSettings(kernel=kernel)


@pytest.mark.parametrize("half_snr", [0.0, -1.0, float("nan"), float("inf")])
def test_a_half_snr_that_is_not_positive_is_refused(half_snr: float) -> None:
    with pytest.raises(SettingsError, match=r"^half_snr: "):
        TopHatSettings(half_snr=half_snr)


def test_a_deep_sky_gives_what_its_8_bit_twin_gives() -> None:
    sky, rules = faint_sky(), Rules(threshold=0.3)
    for frame in (sky.twin, sky.deep, np.repeat(sky.deep[..., None], 3, axis=2)):
        prediction = predict(TopHat(TopHatSettings(half_snr=10.0)), frame, rules)
        assert sky.found(prediction.operating.points) == 36
        assert len(prediction.operating) == 36
