"""Calibrations fitted on detections: when there is one, and that it is the right one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.evaluation.calibrating import LEAST_OF_EACH, fit_calibration
from irstd.labels.calibration import Calibration
from irstd.metrics.reliability import reliability
from irstd.metrics.steps import Steps


def frames(scores: NDArray[np.float64], hits: NDArray[np.bool_], a_frame: int = 8) -> list[Steps]:
    """Detections in frames of `a_frame` each, of distinct scores."""
    found = []
    for start in range(0, len(scores), a_frame):
        own, hit = scores[start : start + a_frame].astype(np.float32), hits[start : start + a_frame]
        order = np.argsort(-own)
        found.append(Steps(own[order], np.stack([hit[order], np.ones_like(hit)], axis=1).astype(np.int64)))
    return found


def drawn(truth: Calibration, many: int, seed: int = 0) -> list[Steps]:
    """Detections whose hits come with the probabilities of `truth`."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0.1, 1.0, many)
    return frames(scores, random.uniform(size=many) < truth(scores))


@pytest.mark.parametrize("truth", [Calibration(1.5, 1.5, -1.0), Calibration(0.5, 0.5, 2.0), Calibration(2.5, 0.4, 0.5)])
def test_scores_of_many_detections_become_their_probabilities(truth: Calibration) -> None:
    found = fit_calibration(drawn(truth, 4000), 0.5)
    assert found is not None
    scores = np.linspace(0.15, 0.98, 50)
    assert np.abs(found(scores) - truth(scores)).max() < 0.05
    fresh = drawn(truth, 4000, seed=1)
    before, after = reliability(fresh, 0.1).error, reliability(fresh, 0.1, found).error
    assert before is not None
    assert after is not None
    assert after < min(0.03, before / 2)


def test_few_detections_keep_their_scores() -> None:
    scores, most = np.linspace(0.11, 0.99, 200), LEAST_OF_EACH - 1
    for hits in (np.arange(200) < most, np.arange(200) >= most, np.zeros(200, bool), np.ones(200, bool)):
        assert fit_calibration(frames(scores, hits), 0.5) is None
    assert fit_calibration([], 0.5) is None
    assert fit_calibration([Steps.none(2)] * 5, 0.5) is None


def test_scores_that_are_probabilities_already_gain_nothing_worth_a_map() -> None:
    found = fit_calibration(drawn(Calibration(), 4000), 0.5)
    scores = np.linspace(0.15, 0.98, 50)
    assert found is None or np.abs(found(scores) - scores).max() < 0.04


def test_a_detector_that_never_errs_gets_no_step() -> None:
    scores = np.linspace(0.11, 0.99, 60)
    found = fit_calibration(frames(scores, scores > 0.6), 0.5)
    assert found is not None
    assert 0.01 < found(0.5) < 0.5 < found(0.7) < 0.99
    assert 1e-8 < found.reach[0] < found.reach[1] < 1 - 1e-8


def test_detections_below_a_tenth_count_only_where_the_threshold_is_lower() -> None:
    random = np.random.default_rng(3)
    scores = random.uniform(0.001, 0.09, 2000)
    faint = frames(scores, random.uniform(size=2000) < 0.5 * (1 + (scores > 0.05)) - 0.2)
    assert fit_calibration(faint, 0.5) is None
    assert fit_calibration(faint, 0.01) is not None


def test_the_same_detections_give_the_same_map_of_short_numbers() -> None:
    once, again = (fit_calibration(drawn(Calibration(2.0, 0.7, 1.0), 500), 0.5) for _ in range(2))
    assert once is not None
    assert once == again
    assert all(round(each, 4) == each for each in (once.rise, once.fall, once.shift))
