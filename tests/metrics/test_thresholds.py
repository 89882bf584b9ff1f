import numpy as np
import pytest

from irstd.labels.reaching import reaches
from irstd.metrics.thresholds import TARGET_CONFIDENCES, levels


@pytest.mark.parametrize("level", range(1, 256))
def test_a_stored_level_reaches_its_threshold_and_the_float_below_does_not(level: int) -> None:
    stored = np.float32(level / 255)
    around = np.array([stored, np.nextafter(stored, np.float32(0))])
    assert levels(around).tolist() == [level, level - 1]
    assert reaches(around, level / 255).tolist() == [True, False]


@pytest.mark.parametrize("threshold", TARGET_CONFIDENCES)
def test_a_tenth_counts_as_itself_in_both_precisions(threshold: float) -> None:
    stored = np.float32(threshold)
    assert reaches([stored], threshold).all()
    assert reaches(np.array([threshold], dtype=np.float64), threshold).all()
    assert not reaches([np.nextafter(stored, np.float32(0))], threshold).any()


def test_levels_are_those_of_a_search_in_the_grid() -> None:
    response = np.random.default_rng(3).random((300, 300), dtype=np.float32)
    response[0, :2] = 0.0, 1.0
    grid = np.arange(1, 256, dtype=np.float32) / np.float32(255)
    np.testing.assert_array_equal(levels(response), np.searchsorted(grid, response, side="right"))


def test_float32_levels_are_the_rounded_float64_ones() -> None:
    exact = np.array([k / 255 for k in range(256)])
    np.testing.assert_array_equal(np.arange(256, dtype=np.float32) / np.float32(255), exact.astype(np.float32))
