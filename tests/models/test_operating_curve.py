"""Operating points: by precision, by false alarms, out of reach, and curves of strangers."""

from collections.abc import Callable
from typing import Any

import pytest

from irstd.errors import ModelError
from irstd.models.operating_curve import OperatingCurve, read_curve

CURVE = OperatingCurve(
    frames=10, pixels=2_000_000, targets=8, thresholds=(0.9, 0.7, 0.6, 0.3), hits=(3, 5, 6, 8), found=(3, 6, 7, 20)
)


@pytest.mark.parametrize(("least", "threshold"), [(1.0, 0.9), (0.85, 0.6), (0.5, 0.6), (0.4, 0.3), (0.01, 0.3)])
def test_the_lowest_threshold_of_a_precision(least: float, threshold: float) -> None:
    point = CURVE.at_precision(least)
    assert point.threshold == threshold
    assert point.precision >= least


@pytest.mark.parametrize(("most", "threshold"), [(0.0, 0.9), (0.05, 0.9), (0.1, 0.6), (1.2, 0.3), (50.0, 0.3)])
def test_the_lowest_threshold_of_a_rate_of_false_alarms(most: float, threshold: float) -> None:
    point = CURVE.at_false_alarms(most)
    assert point.threshold == threshold
    assert point.false_alarms_per_frame <= most


def test_a_point_by_hand() -> None:
    point = CURVE.at_precision(0.8)
    assert (point.precision, point.pd) == (6 / 7, 6 / 8)
    assert (point.false_alarms_per_frame, point.false_alarms_per_mpx) == (0.1, 0.5)


def test_what_is_out_of_reach_is_told_with_the_range() -> None:
    first_is_false = OperatingCurve(4, 400, 2, (0.9, 0.5), (0, 1), (1, 2))
    with pytest.raises(ModelError, match=r"^a precision of 0.9: not reached .* from 0.9 to 0.5 give 0 to 0.5;"):
        first_is_false.at_precision(0.9)
    with pytest.raises(ModelError, match=r"^0.1 false alarms a frame: not reached .* give 0.25 to 0.25;"):
        first_is_false.at_false_alarms(0.1)
    with pytest.raises(ModelError, match="found nothing on validation"):
        OperatingCurve(4, 400, 2, (), (), ()).at_precision(0.5)


def test_a_record_is_read_as_it_was_written() -> None:
    assert read_curve(CURVE.record()) == CURVE
    empty = OperatingCurve(4, 400, 0, (), (), ())
    assert read_curve(empty.record()) == empty


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "no frames": lambda c: c.update(frames=0),
    "no pixels": lambda c: c.update(pixels=0),
    "a text": lambda c: c.update(targets="8"),
    "true": lambda c: c.update(frames=True),
    "huge": lambda c: c.update(pixels=10**30),
    "missing": lambda c: c.pop("hits"),
    "more": lambda c: c.update(extra=1),
    "short": lambda c: c.update(hits=[3, 5, 6]),
    "rising": lambda c: c.update(thresholds=[0.9, 0.95, 0.6, 0.3]),
    "above 1": lambda c: c.update(thresholds=[1.5, 0.7, 0.6, 0.3]),
    "zero": lambda c: c.update(thresholds=[0.9, 0.7, 0.6, 0]),
    "not finite": lambda c: c.update(thresholds=[float("nan"), 0.7, 0.6, 0.3]),
    "negative": lambda c: c.update(hits=[3, -1, 6, 8]),
    "more hits than found": lambda c: c.update(hits=[4, 5, 6, 8]),
    "more hits than targets": lambda c: c.update(hits=[3, 5, 6, 9]),
    "nothing found": lambda c: c.update(hits=[0, 5, 6, 8], found=[0, 6, 7, 20]),
    "too long": lambda c: c.update({name: [0.5] * 2000 for name in ("thresholds", "hits", "found")}),
    "a mapping for a list": lambda c: c.update(found={}),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_strangers_curve_is_refused(kind: str) -> None:
    record = dict(CURVE.record())
    BROKEN[kind](record)
    with pytest.raises(ModelError, match=r"^curve: "):
        read_curve(record)


@pytest.mark.parametrize("record", [None, [], "curve", 3])
def test_what_is_no_mapping_is_no_curve(record: object) -> None:
    with pytest.raises(ModelError, match=r"^curve: must hold"):
        read_curve(record)
