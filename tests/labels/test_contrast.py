import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX, by_class, class_names, local_contrast
from irstd.labels.points import components_of
from tests.frames.skies import faint_sky


def contrast(frame: NDArray[np.uint8] | NDArray[np.uint16], truth: NDArray[np.bool_]) -> list[float]:
    return [float(each) for each in local_contrast(frame, truth, components_of(truth))]


def chequered(size: int, low: int, high: int) -> NDArray[np.uint8]:
    return np.where(np.indices((size, size)).sum(axis=0) % 2, high, low).astype(np.uint8)


def test_hand_value_in_every_depth_and_colour() -> None:
    # Surroundings: the whole 20×20 frame but the 2×2 target: 198 px of 10 and 198 of 20, so mean 15 and deviation 5.
    frame = chequered(20, 10, 20)
    truth = np.zeros((20, 20), dtype=np.bool_)
    truth[9:11, 9:11] = True
    frame[truth] = 40
    assert contrast(frame, truth) == pytest.approx([5.0])
    assert contrast(frame.astype(np.uint16) * 200, truth) == pytest.approx([5.0])
    assert contrast(np.repeat(frame[..., None], 3, axis=2), truth) == pytest.approx([5.0])


def test_dark_targets_count_alike_and_others_are_no_surroundings() -> None:
    frame = chequered(60, 100, 110)
    truth = np.zeros((60, 60), dtype=np.bool_)
    truth[20:22, 20:22] = truth[20:22, 25:27] = True
    frame[20:22, 20:22], frame[20:22, 25:27] = 75, 255
    assert contrast(frame, truth) == pytest.approx([6.0, 30.0], rel=0.02)


def test_flat_surroundings_and_none_at_all() -> None:
    flat, truth = np.full((9, 9, 3), 77, dtype=np.uint8), np.zeros((9, 9), dtype=np.bool_)
    truth[4, 4] = True
    assert contrast(flat, truth) == [0.0]
    flat[4, 4] = 78
    assert contrast(flat, truth) == [np.inf]
    assert np.isnan(contrast(flat, np.ones((9, 9), dtype=np.bool_))).all()
    assert contrast(flat, np.zeros((9, 9), dtype=np.bool_)) == []


def test_classes_hold_their_upper_limit() -> None:
    assert by_class(np.array([1.0, 9, 10, 81, 82, 5000]), SIZE_LIMITS_PX).tolist() == [2, 2, 2]
    assert by_class(np.array([0.0, 4, 4.1, np.inf, np.nan]), CONTRAST_LIMITS).tolist() == [2, 1, 1]
    assert by_class(np.zeros(0), SIZE_LIMITS_PX).tolist() == [0, 0, 0]


def test_classes_are_named_after_their_limits() -> None:
    assert class_names(SIZE_LIMITS_PX, "px") == ["up_to_9_px", "up_to_81_px", "over_81_px"]


def test_a_deep_sky_has_the_contrasts_of_its_8_bit_twin() -> None:
    sky = faint_sky()
    deep, twin = (np.median(contrast(frame, sky.mask)) for frame in (sky.deep, sky.twin))
    assert twin > 5.0
    assert deep == pytest.approx(twin, rel=0.2)
