"""The calibration of a detector, fitted on the detections of validation (docs/hse.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from irstd.labels.calibration import LEAST_SLOPE, MOST_SHIFT, MOST_SLOPE, Calibration, features
from irstd.metrics import FrameCounts
from irstd.metrics.steps import Steps
from irstd.metrics.thresholds import TARGET_CONFIDENCES

# Hits, and false alarms, that a map needs at least; below them scores stay as they are. Ours.
LEAST_OF_EACH = 10
_FOLDS = 5
# The fit is drawn towards the identity as by a normal prior of these deviations of the slopes and of the shift, which
# keeps few or perfectly separated detections from a step. Ours.
_SLOPE_SD, _SHIFT_SD = 1.0, 3.0
_DIGITS = 4


@dataclass(frozen=True)
class _Graded:
    """Detections by score.

    Attributes:
        scores: (n,).
        hits, found: (n,) hits within 5 px and all detections of each score.
        fold: (n,) which part of the frames they are from.
    """

    scores: NDArray[np.float64]
    hits: NDArray[np.int64]
    found: NDArray[np.int64]
    fold: NDArray[np.int64]

    def __getitem__(self, which: NDArray[np.bool_]) -> "_Graded":
        return _Graded(self.scores[which], self.hits[which], self.found[which], self.fold[which])

    def loss(self, calibration: Calibration) -> float:
        """Return the log loss, summed over the detections."""
        p = calibration(self.scores)
        return float(-(self.hits * np.log(p) + (self.found - self.hits) * np.log1p(-p)).sum())


def detections_by_score(frames: Iterable[FrameCounts]) -> list[Steps]:
    """Return the detections of each frame by score; without those of frames whose counts were stored."""
    return [frame.by_score for frame in frames if frame.by_score is not None]


def fit_calibration(frames: Sequence[Steps], threshold: float) -> Calibration | None:
    """Return the map that suits the detections of `frames` best; None: their scores stay as they are.

    The choice is between none, Platt's map and beta calibration, by the log loss on frames that the map was not fitted
    to (five parts in turn), the simpler of equal ones. With fewer than ten hits or ten false alarms there is none.

    Args:
        frames: the detections of each frame.
        threshold: the operating one; detections from 0.1 up count, or from here where that is lower.
    """
    graded = _graded(frames, min(TARGET_CONFIDENCES[0], threshold))
    if min(graded.hits.sum(), (graded.found - graded.hits).sum()) < LEAST_OF_EACH:
        return None
    without, tied, free = (
        graded.loss(Calibration()),
        _held_out_loss(graded, tied=True),
        _held_out_loss(graded, tied=False),
    )
    if without <= min(tied, free):
        return None
    return _fitted(graded, tied=tied <= free)


def _held_out_loss(graded: _Graded, *, tied: bool) -> float:
    parts = ((graded[graded.fold != fold], graded[graded.fold == fold]) for fold in range(_FOLDS))
    return sum(held_out.loss(_fitted(rest, tied=tied)) for rest, held_out in parts)


def _graded(frames: Sequence[Steps], floor: float) -> _Graded:
    rows = [
        (frame.levels[keep], frame.changes[keep], np.full(int(keep.sum()), index % _FOLDS))
        for index, frame in enumerate(frames)
        for keep in [frame.levels >= np.float32(floor)]
    ]
    if not rows:
        none = np.zeros(0, dtype=np.int64)
        return _Graded(np.zeros(0), none, none, none)
    levels, changes, folds = (np.concatenate(part) for part in zip(*rows, strict=True))
    return _Graded(levels.astype(np.float64), changes[:, 0], changes[:, 1], folds)


def _fitted(graded: _Graded, *, tied: bool) -> Calibration:
    """Return the map that fits best; `tied`: with one slope, Platt's."""
    low, high = features(graded.scores)
    columns = [low - high, np.ones_like(low)] if tied else [low, -high, np.ones_like(low)]
    design = np.stack(columns, axis=1)
    start = np.array([1.0] * (len(columns) - 1) + [0.0])
    spread = np.array([_SLOPE_SD] * (len(columns) - 1) + [_SHIFT_SD])
    bounds = [(LEAST_SLOPE, MOST_SLOPE)] * (len(columns) - 1) + [(-MOST_SHIFT, MOST_SHIFT)]

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logit, away = design @ values, (values - start) / spread
        total = (graded.found * np.logaddexp(0.0, logit) - graded.hits * logit).sum() + (away**2).sum() / 2
        slope = design.T @ (graded.found / (1.0 + np.exp(-logit)) - graded.hits)
        return float(total), slope + away / spread

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    rise, *fall, shift = (round(value, _DIGITS) for value in found)
    return Calibration(rise, fall[0] if fall else rise, shift)
