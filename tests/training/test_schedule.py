import pytest

from irstd.training.schedule import rate_factor


def test_warm_up_rises_linearly_to_one() -> None:
    assert [rate_factor(step, 12, 4) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_cosine_falls_from_one_towards_zero() -> None:
    # 8 steps after the warm-up: cos(π · n / 8) at n = 0, 2, 4, 6
    found = [rate_factor(4 + n, 12, 4) for n in (0, 2, 4, 6)]
    assert found == pytest.approx([1.0, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2])
    assert 0.0 < rate_factor(11, 12, 4) < 0.05


def test_without_warm_up_it_starts_at_the_peak() -> None:
    assert rate_factor(0, 10, 0) == 1.0
