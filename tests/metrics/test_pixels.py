import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.labels.reaching import reaches
from irstd.metrics import pixels
from irstd.metrics.pixels import count_pixels
from tests.metrics.scenes import VALUES


def one_by_one(values: NDArray[np.float32]) -> list[int]:
    return [int(reaches(values, each).sum()) for each in (*(k / 255 for k in range(1, 256)), 0.5, 0.35)]


@pytest.mark.parametrize("lit", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("block", [2**24, 7])  # a frame may hold more pixels than one histogram counts exactly
def test_counts_are_those_of_each_threshold_alone(block: int, lit: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "_EXACT", block)
    random = np.random.default_rng(2)
    response, truth = random.choice(np.array(VALUES), (19, 23)), random.random((19, 23)) < 0.2
    response[random.random((19, 23)) >= lit] = 0
    tp, fp = count_pixels(response, np.flatnonzero(truth), 0.35)
    assert tp.tolist() == one_by_one(response[truth])
    assert fp.tolist() == one_by_one(response[~truth])


def test_an_operating_threshold_below_the_lowest_level() -> None:
    response = np.zeros((8, 8), dtype=np.float32)
    response[2, 2:5] = 0.001, 0.002, 0.003
    tp, fp = count_pixels(response, np.array([2 * 8 + 3]), 0.002)
    assert (tp[-1], fp[-1], tp[:-1].sum(), fp[:-1].sum()) == (1, 1, 0, 0)
