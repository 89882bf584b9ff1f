"""The operating threshold of a detector and the curve of others to choose from, both of validation."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irstd.metrics import formulas
from irstd.metrics.counts import Counts
from irstd.metrics.thresholds import TARGET_CONFIDENCES, TARGET_GRID
from irstd.models.base import Rules
from irstd.models.operating_curve import MOST_POINTS, OperatingCurve

_MIDDLE = 0.5
_AS_GOOD = 0.01  # of F1: less than chance makes of some hundred targets of validation


class _Curve(NamedTuple):
    """Validation at falling levels (k,) above 0: targets hit within 5 px, and targets found."""

    levels: NDArray[np.float32]
    hits: NDArray[np.int64]
    found: NDArray[np.int64]


def choose_operating(validation: Counts) -> Rules:
    """Return rules with a threshold of the best F1 at 5 px on validation, among all its scores; else 0.5.

    It is the middle of a range of thresholds whose F1 is within 0.01 of the best, so that chance in a few frames does
    not push it to an end. Of several ranges the one whose middle is nearest to 0.5, then the lower: far from both ends,
    where scores drift least. Ours.
    """
    curve = _down_to_a_tenth(_curve(validation), validation)
    if not validation.targets or not len(curve.levels):
        return Rules()
    f1 = np.round(formulas.f1(curve.hits, curve.found, validation.targets), 12)
    if not f1.max():
        return Rules()
    middles = [_between(low, high) for low, high in _ranges(curve.levels, f1 >= f1.max() - _AS_GOOD)]
    return Rules(threshold=min(middles, key=lambda middle: (abs(middle - _MIDDLE), middle)))


def operating_curve(validation: Counts) -> OperatingCurve:
    """Return what was found at the scores of validation, thinned to 200 of them.

    Those that stay are evenly spaced in the logarithm of what is found: neighbours differ by a few in a hundred.
    """
    levels, hits, found = _curve(validation)
    # Where targets merge as the threshold falls, fewer are found: such levels are of no use to anyone.
    most = np.maximum.accumulate(found, axis=0)
    rising = np.flatnonzero(np.diff(most, prepend=0) > 0)
    if len(rising) > MOST_POINTS:
        wanted = np.geomspace(1, most[-1], MOST_POINTS)
        rising = rising[np.unique(np.searchsorted(most[rising], wanted).clip(max=len(rising) - 1))]
    return OperatingCurve(
        frames=validation.frames,
        pixels=validation.pixels,
        targets=validation.targets,
        thresholds=tuple(float(str(level)) for level in levels[rising]),  # the shortest that is this float32
        hits=tuple(hits[rising].tolist()),
        found=tuple(found[rising].tolist()),
    )


def _curve(validation: Counts) -> _Curve:
    steps = None if validation.ranked is None else validation.ranked.targets
    if steps is None:
        return _Curve(np.zeros(0, dtype=np.float32), *(np.zeros(0, dtype=np.int64),) * 2)
    above = steps.levels > 0
    counts = steps.counts()[above]
    return _Curve(steps.levels[above], counts[:, -2], counts[:, -1])


def _down_to_a_tenth(curve: _Curve, validation: Counts) -> _Curve:
    """Go on below the last level with the counts at tenths: the ranks of a frame end with its highest maxima."""
    tenths = np.array(TARGET_CONFIDENCES, dtype=np.float32)[::-1]
    below = tenths < curve.levels[-1] if len(curve.levels) else np.zeros(len(tenths), dtype=np.bool_)
    hits, found = validation.target_tp[TARGET_GRID, -1][::-1], validation.found[TARGET_GRID][::-1]
    return _Curve(
        np.append(curve.levels, tenths[below]),
        np.append(curve.hits, hits[below]),
        np.append(curve.found, found[below]),
    )


def _ranges(levels: NDArray[np.float32], good: NDArray[np.bool_]) -> Iterator[tuple[np.float32, np.float32]]:
    """Yield the ranges of thresholds, low end outside, between which all levels are among the good ones."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    below = np.append(levels[1:], np.float32(0))
    for first, end in changes.reshape(-1, 2):
        yield below[end - 1], levels[first]


def _between(low: np.float32, high: np.float32) -> float:
    """Return a short number midway between two levels: above `low`, at most `high`."""
    middle = (float(low) + float(high)) / 2
    for digits in range(2, 8):
        short = round(middle, digits)
        if low < np.float32(short) <= high:
            return short
    return float(high)
