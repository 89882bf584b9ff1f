"""Places on training frames that the first weights of a fit take for targets, and that are none. Ours.

Such places are rare: of the random windows of a frame hardly any shows one, so that a fit learns little from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.models.base import INTEGRAL_RULES, Detector
from irstd.models.predict import detect

_AWAY_PX = 12.0  # of every target: nearer, a detection is that target's, or a part of it
_MOST = 8  # of a frame, the strongest, so that no single frame fills the crops


@dataclass(frozen=True)
class FalsePeak:
    """A false detection at `point` (x, y), in px of the frame with that index."""

    frame: int
    point: NDArray[np.float64]


def find_false_peaks(detector: Detector, samples: Sequence[Sample]) -> list[FalsePeak]:
    """Return what `detector` detects from a score of 0.1 up on frames of `samples`, far from every target and mask."""
    mode = detector.training
    found = []
    for index, sample in enumerate(samples):
        seen = detect(detector, sample.frame, INTEGRAL_RULES)
        found += [FalsePeak(index, point) for point in seen.points if _is_away(point, sample)][:_MOST]
    detector.train(mode)
    return found


def _is_away(point: NDArray[np.float64], sample: Sample) -> bool:
    """Tell whether a point (x, y) lies outside the mask and away from all targets."""
    if len(sample.points) and np.hypot(*(sample.points - point).T).min() < _AWAY_PX:
        return False
    if sample.mask is None:
        return True
    height, width = sample.mask.shape
    column, row = (int(np.clip(round(float(at)), 0, most - 1)) for at, most in zip(point, (width, height), strict=True))
    return not sample.mask[row, column]
