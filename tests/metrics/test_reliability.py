"""Detections by score, and how reliable the scores are."""

import numpy as np
import pytest

from irstd.metrics import ScoredFrame, count_frame
from irstd.metrics.reliability import Bin, reliability
from irstd.metrics.steps import Steps
from tests.metrics.scenes import drawn, points, square

TARGET, FAR, FAINT = square(5, 5), square(14, 14, 2), square(14, 2, 2)
TRUTH = drawn((20, 20), {TARGET: 1.0}) > 0


def by_score(frame: ScoredFrame, threshold: float = 0.5) -> list[tuple[float, int, int]]:
    steps = count_frame(frame, threshold).by_score
    assert steps is not None
    return [
        (round(float(level), 6), *changes) for level, changes in zip(steps.levels, steps.changes.tolist(), strict=True)
    ]


def test_components_of_a_mask_model_at_a_tenth_each_with_its_own_peak() -> None:
    # Two maxima in one component are one detection; what stays below 0.1 is none.
    response = drawn((20, 20), {TARGET: 0.6, ((5, 5),): 0.9, ((7, 7),): 0.8, FAR: 0.4, FAINT: 0.05})
    assert by_score(ScoredFrame("a", TRUTH, response)) == [(0.9, 1, 1), (0.4, 0, 1)]


def test_peaks_of_a_point_model_matched_as_the_threshold_falls() -> None:
    found = points((8.0, 6.0, 0.9), (6.0, 6.0, 0.5), (15.0, 15.0, 0.04))  # the second is nearer, but comes later
    frame = ScoredFrame("a", TRUTH, np.zeros((20, 20), np.float32), detections=found.reaching(0.1), peaks=found)
    assert by_score(frame) == [(0.9, 1, 1), (0.5, 0, 1), (0.04, 0, 1)]


def test_a_frame_without_a_detection() -> None:
    assert by_score(ScoredFrame("a", TRUTH, np.zeros((20, 20), np.float32))) == []


def test_by_hand() -> None:
    steps = Steps(np.array([0.95, 0.91, 0.55, 0.2], np.float32), np.array([[1, 1], [0, 1], [2, 2], [0, 4]]))
    found = reliability([steps, Steps.none(2)], 0.5)
    assert found.bins == (Bin(pytest.approx(0.55), 1.0, 2), Bin(pytest.approx(0.93), 0.5, 2))  # type: ignore[arg-type]
    assert found.error == pytest.approx((2 * 0.45 + 2 * 0.43) / 4)
    halved = reliability([steps], 0.5, lambda scores: scores / 2)
    assert [each.detections for each in halved.bins] == [2, 2]
    assert halved.error == pytest.approx((2 * (1 - 0.275) + 2 * (0.5 - 0.465)) / 4)


def test_without_a_detection_there_is_no_error() -> None:
    found = reliability([Steps.none(2)], 0.5)
    assert (found.error, found.bins) == (None, ())
    assert reliability([], 0.5).error is None


def test_a_score_of_one_has_a_bin() -> None:
    found = reliability([Steps(np.array([1.0], np.float32), np.array([[3, 4]]))], 0.5)
    assert found.bins == (Bin(1.0, 0.75, 4),)
