"""The headline figures, and how they are written."""

import pytest

from irstd.metrics import HSE
from irstd.metrics.headline import BRACKETED, BRIEF, FIGURES, HEADLINE, headline
from irstd.metrics.interval import Interval, number, with_interval


def test_every_headline_figure_is_one_of_a_score() -> None:
    empty = HSE().compute()
    assert headline(empty) == dict.fromkeys(FIGURES)
    assert len(FIGURES) == len(HEADLINE)
    assert set(BRACKETED) | {figure.id for figure in BRIEF} <= set(FIGURES)


def test_scores_in_points() -> None:
    scaled = {name: figure.scale for name, figure in FIGURES.items() if figure.scale != 1}
    assert scaled == dict.fromkeys(("pixel", "target", "ap_pixel", "ap_target"), 100.0)
    assert [figure.id for figure in HEADLINE if figure.better == "low"] == ["fa_per_mpx"]
    assert FIGURES["fa_per_mpx"].heading == "Fa (px/Mpx)"


@pytest.mark.parametrize(
    ("value", "interval", "shown"),
    [
        (70.214, Interval(64.06, 75.84), "70.21 [64.1, 75.8]"),
        (70.214, None, "70.21"),
        (None, Interval(0.0, 1.0), "–"),
        (float("nan"), None, "–"),
    ],
)
def test_a_value_and_its_interval(value: float | None, interval: Interval | None, shown: str) -> None:
    assert FIGURES["hse"].with_interval(value, interval) == shown


def test_a_difference_has_signs() -> None:
    assert with_interval(3.0, Interval(-1.0, 7.0), (1, 0), gap="\n", signed=True) == "+3.0\n[-1, +7]"
    assert (number(0.0, 1, signed=True), number(None, 1, signed=True)) == ("+0.0", "–")


def test_both_ends_lie_in_an_interval() -> None:
    assert all(value in Interval(1.0, 2.0) for value in (1.0, 1.5, 2.0))
    assert 0.99 not in Interval(1.0, 2.0)
