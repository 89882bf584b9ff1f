"""The map from scores to probabilities: rising, invertible, and without a say in hse-2."""

from dataclasses import replace

import numpy as np
import pytest

from irstd.errors import IrstdError
from irstd.labels.calibration import Calibration
from irstd.metrics import HSE
from tests.metrics.test_ranked import noisy, pointed, value

MAPS = [Calibration(), Calibration(1.7, 1.7, 0.4), Calibration(0.4, 1.9, -2.5), Calibration(2.5, 0.6, 3.0)]


@pytest.mark.parametrize("calibration", MAPS)
def test_it_rises_strictly_and_float32_keeps_scores_apart(calibration: Calibration) -> None:
    scores = np.linspace(0, 1, 5001).astype(np.float32)
    probabilities = calibration(scores)
    assert (np.diff(probabilities) > 0).all()
    assert (np.diff(probabilities.astype(np.float32)) > 0).all()
    assert calibration.reach == (probabilities[0], probabilities[-1])
    assert 0 < calibration.reach[0] < calibration.reach[1] < 1


def test_by_hand() -> None:
    assert Calibration()(0.25) == pytest.approx(0.01 + 0.98 * 0.25)
    assert Calibration(1.0, 1.0, np.log(2))(0.5) == pytest.approx(2 / 3)
    assert Calibration(2.0, 1.0, 0.0)(0.5) == pytest.approx(1 / 3)  # 0.25 against 0.5


@pytest.mark.parametrize("calibration", MAPS)
def test_the_score_of_a_probability(calibration: Calibration) -> None:
    for score in (0.0, 0.0371, 0.5, 0.99, 1.0):
        assert calibration.score_of(float(calibration(score))) == pytest.approx(score, abs=1e-12)
    assert calibration.score_of(0.0) == 0.0
    assert calibration.score_of(1.0) == 1.0


@pytest.mark.parametrize("values", [(0.0, 1.0, 0.0), (1.0, -1.0, 0.0), (1.0, 1e9, 0.0), (1.0, 1.0, float("nan"))])
def test_a_map_that_does_not_rise_or_is_out_of_bounds_is_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(IrstdError, match="must be at least"):
        Calibration(*values)


@pytest.mark.parametrize("calibration", MAPS[1:])
def test_it_leaves_hse_2_as_it_is(calibration: Calibration) -> None:
    raw, mapped = (HSE() for _ in range(2))
    masks, mapped_masks = HSE(), HSE()
    for seed in range(8):
        raw.add(pointed(seed))
        mapped.add(pointed(seed, change=calibration))
        masks.add(noisy(seed))
        response = calibration(noisy(seed).response).astype(np.float32)
        mapped_masks.add(replace(noisy(seed), response=response))
    assert mapped.compute().ap_target == raw.compute().ap_target
    assert mapped_masks.compute().ap_target == masks.compute().ap_target
    for one, other in ((raw, mapped), (masks, mapped_masks)):  # pixels are counted at 4096 levels
        assert value(other.compute()) == pytest.approx(value(one.compute()), abs=0.3)
