"""Pixel counts of one frame at every confidence of hse-1."""

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.labels.reaching import reaches
from irstd.metrics.thresholds import HALF, LEVELS, levels

# calcHist counts in float32, which holds every whole number up to here.
_EXACT = 2**24
# If fewer than one pixel in so many is lit, picking those out first is faster than counting all.
_DARK = 8


def count_pixels(
    response: NDArray[np.float32], target_pixels: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """TP and FP, int64 (257,) each, of a response (H, W) and the flat indices of the true pixels."""
    inside = _reached(response.ravel()[target_pixels], threshold)
    return inside, _reached(response.ravel(), threshold) - inside


def _reached(values: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """int64 (257,): how many of `values` (n,) reach each level, 0.5 and the operating threshold."""
    lit = reaches(values, min(threshold, 1 / LEVELS))
    if np.count_nonzero(lit) * _DARK < len(values):  # the others reach no threshold
        values = values[lit]
    level = levels(values)
    histogram = np.zeros(LEVELS + 1, dtype=np.int64)
    for start in range(0, len(level), _EXACT):
        part = cv2.calcHist([level[start : start + _EXACT]], [0], None, [LEVELS + 1], [0, LEVELS + 1])
        histogram += part.ravel().astype(np.int64)
    at_or_above = histogram[::-1].cumsum()[::-1][1:]
    others = [np.count_nonzero(reaches(values, each)) for each in (HALF, threshold)]
    return np.concatenate([at_or_above, others])
