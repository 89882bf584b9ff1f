"""Frames over 8 bit as levels."""

import cv2
import numpy as np
import pytest
from scipy.signal import savgol_filter

from irstd.curation.demo.dataset import make_sensors, plan_of
from irstd.curation.demo.frame import make_frame
from irstd.frames import is_deep, map_deep, to_8bit, without_background
from irstd.frames.deep import _polynomial
from tests.frames.skies import faint_sky

rng = np.random.default_rng


def ramp(height: int = 96, width: int = 128) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    y, x = np.mgrid[:height, :width]
    return np.asarray(2000.0 + 60.0 * x + 30.0 * y)


def test_8_bit_frames_are_left_alone() -> None:
    frame = rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    assert not is_deep(frame)
    assert map_deep(frame).tobytes() == frame.tobytes()
    assert without_background(frame) is frame


def test_frames_whose_noise_8_bit_keeps_have_the_bytes_of_the_stretch() -> None:
    narrow = rng(0).normal(9000.0, 20.0, (64, 80)).astype(np.uint16)
    sensors = make_sensors(0)
    demo = [make_frame(rng([0, 0, index]), plan_of(index), sensors[3]).frame for index in range(15, 20)]
    for frame in (narrow, *demo, np.full((20, 20), 777, dtype=np.uint16)):
        assert frame.dtype == np.uint16
        assert not is_deep(frame)
        assert map_deep(frame).tobytes() == to_8bit(frame).tobytes()
        assert without_background(frame) is frame


def test_a_sky_of_wide_range_looks_like_noise_on_one_level() -> None:
    frame = np.rint(ramp() + rng(0).normal(0.0, 3.0, (96, 128))).astype(np.uint16)
    assert is_deep(frame)
    levels = map_deep(frame)
    assert levels.mean() == pytest.approx(102.0, abs=1.0)
    assert levels.std() == pytest.approx(4.0, abs=0.5)
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    assert border.mean() == pytest.approx(102.0, abs=2.0)
    assert border.max() < 140


@pytest.mark.parametrize(("width", "least"), [(1, 150), (3, 140), (5, 130), (9, 105)])
def test_targets_of_20_deviations_stand_out_and_brighter_ones_keep_their_order(width: int, least: int) -> None:
    at = slice(48 - width // 2, 49 + width // 2)
    frames = []
    for height in (60.0, 120.0, 240.0):
        counts = ramp() + rng(1).normal(0.0, 3.0, (96, 128))
        counts[at, at] += height
        frames.append(map_deep(np.rint(counts).astype(np.uint16))[48, 48])
    assert least < frames[0] < frames[1] < frames[2] <= 255


@pytest.mark.parametrize("hot", [40000.0, 4000.0, -1900.0])
def test_hot_targets_and_dead_pixels_make_no_rings(hot: float) -> None:
    counts = ramp() + rng(2).normal(0.0, 3.0, (96, 128))
    counts[30:33, 30:33] += hot
    counts[70, 100] += 60.0
    levels = map_deep(np.rint(counts).astype(np.uint16)).astype(int)
    assert levels[31, 31] == (255 if hot > 0 else 0)
    assert levels[70, 100] > 150
    levels[29:34, 29:34] = levels[70, 100] = 102
    assert levels.max() < 135


@pytest.mark.parametrize("sky", [20.0, 45.0])
def test_curved_skies_leave_no_slopes_not_even_at_the_border(sky: float) -> None:
    smooth = cv2.GaussianBlur(rng(4).normal(size=(300, 300)), (0, 0), sky)[80:200, 80:220]
    counts = 2000.0 + 12000.0 * (smooth - smooth.min()) / np.ptp(smooth)
    levels = map_deep(np.rint(counts + rng(5).normal(0.0, 3.0, counts.shape)).astype(np.uint16))
    assert levels.min() > 60
    assert levels.max() < 150
    assert levels.std() < 8.0


def test_equal_channels_stay_equal_and_their_levels_are_those_of_one() -> None:
    deep = faint_sky().deep
    colour = np.repeat(deep[..., None], 3, axis=2)
    np.testing.assert_array_equal(map_deep(colour), np.repeat(map_deep(deep)[..., None], 3, axis=2))
    assert is_deep(colour)


def test_counts_without_the_background_are_those_of_the_targets() -> None:
    sky = faint_sky()
    counts = without_background(sky.deep)
    assert counts.std() < 6.0
    assert abs(float(np.median(counts))) < 1.0


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (1, 1), (3, 3), (5, 4, 3), (1, 1, 3)])
@pytest.mark.parametrize("spread", [0, 65535])
def test_frames_of_any_size_keep_it(shape: tuple[int, ...], spread: int) -> None:
    frame = rng(3).integers(0, spread + 1, shape).astype(np.uint16)
    assert map_deep(frame).shape == shape
    assert map_deep(frame).dtype == np.uint8


@pytest.mark.parametrize("noise", [3.0, 300.0])
def test_strips_give_the_levels_of_the_whole_frame(noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, columns = np.mgrid[:700, :60].astype(float)
    counts = 9000 + 3000 * (np.sin(rows / 90) + columns / 60) + rng(0).normal(0, noise, rows.shape)
    counts[::97, ::23] += 400  # far enough off the background to be left out of its fit
    counts[300:310] += 900
    frame = counts.astype(np.uint16)
    whole = map_deep(frame)
    assert is_deep(frame) == (noise < 100)
    monkeypatch.setattr("irstd.frames.deep._ROWS", 100)
    np.testing.assert_array_equal(map_deep(frame), whole)


@pytest.mark.parametrize("shape", [(1, 5), (40, 31), (97, 130)])
def test_the_background_is_that_of_scipy(shape: tuple[int, int]) -> None:
    counts = 9000.0 + np.cumsum(rng(0).normal(0.0, 3.0, shape), axis=1)
    expected = counts
    for axis in (0, 1):
        window = min(31, (shape[axis] - 1) // 2 * 2 + 1)
        expected = savgol_filter(expected, window, min(5, window // 4), axis=axis, mode="interp")
    np.testing.assert_allclose(_polynomial(counts), expected, rtol=0, atol=1e-9)
