"""Reliability: how often detections of a score are targets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.labels.reaching import reaches
from irstd.metrics.steps import Steps, summed

BINS = 10
COLUMNS = 2
"""Of detections by score: hits within 5 px, all detections."""

Map = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Bin:
    """The detections whose scores lie in one tenth of [0, 1].

    Attributes:
        score: their mean score.
        share: of them that are hits, in [0, 1].
        detections: how many.
    """

    score: float
    share: float
    detections: int


@dataclass(frozen=True)
class Reliability:
    """The detections at an operating threshold by score.

    Attributes:
        error: expected calibration error, the mean over the detections of |score − share| of their bins, in [0, 1],
            best 0; None without a detection.
        bins: those that hold a detection, by rising score.
    """

    error: float | None
    bins: tuple[Bin, ...]


def reliability(frames: Iterable[Steps], threshold: float, calibration: Map | None = None) -> Reliability:
    """Return how reliable the scores of detections are.

    Args:
        frames: the detections of each frame by score: `FrameCounts.by_score`.
        threshold: the operating one, of the scores as they are.
        calibration: from these to the scores that are judged; None: they are.
    """
    steps = summed(frames, COLUMNS)
    keep = reaches(steps.levels, threshold)
    scores, (hits, found) = steps.levels[keep].astype(np.float64), steps.changes[keep].T
    judged = scores if calibration is None else calibration(scores)
    place = np.minimum((judged * BINS).astype(np.int64), BINS - 1)
    sums = [np.bincount(place, weights=each, minlength=BINS) for each in (judged * found, hits, found)]
    bins = tuple(
        Bin(score / many, hit / many, int(many))
        for score, hit, many in zip(*(s.tolist() for s in sums), strict=True)
        if many
    )
    total = sum(each.detections for each in bins)
    error = sum(each.detections * abs(each.score - each.share) for each in bins) / total if total else None
    return Reliability(error, bins)
