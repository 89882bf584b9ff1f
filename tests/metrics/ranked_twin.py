"""hse-2 once more, as plainly as it can be written: every value of every frame is a threshold. For small frames."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from irstd.metrics import ScoredFrame


def twin_parts(frames: Sequence[ScoredFrame]) -> tuple[float, float]:
    """AP of the pixels, and the mean AP of the targets over 1 to 5 px."""
    values = [np.concatenate([frame.response.ravel(), _scores(frame)]) for frame in frames]
    thresholds = np.unique(np.concatenate(values))[:0:-1]
    true_pixels = sum(int(frame.truth.sum()) for frame in frames)
    pixels = average([_pixels(frames, each) for each in thresholds], true_pixels)
    counted = np.sum([_targets(frame, thresholds) for frame in frames], axis=0)
    true = sum(len(_centroids(frame.truth)) for frame in frames)
    targets = [average(list(zip(counted[:, d], counted[:, 5], strict=True)), true) for d in range(5)]
    return pixels, float(np.mean(targets))


def average(counts: Sequence[tuple[float, float]], true: int) -> float:
    """The integral of max{P(t): R(t) >= r}, from (TP, found) at each threshold."""
    curve = [(tp / true, tp / found) for tp, found in counts if found]
    area = reached = best = 0.0
    steps = []
    for recall, precision in sorted(curve, reverse=True):
        best = max(best, precision)
        steps.append((recall, best))
    for recall, highest in steps[::-1]:
        area, reached = area + (recall - reached) * highest if recall > reached else area, max(recall, reached)
    return area


def _pixels(frames: Sequence[ScoredFrame], threshold: float) -> tuple[float, float]:
    above = [frame.response >= threshold for frame in frames]
    hits = sum(int((each & frame.truth).sum()) for each, frame in zip(above, frames, strict=True))
    return hits, sum(int(each.sum()) for each in above)


def _targets(frame: ScoredFrame, thresholds: NDArray[np.float32]) -> NDArray[np.int64]:
    """(thresholds, 6): pairs within 1 to 5 px, found."""
    truth, values = _centroids(frame.truth), _scores(frame) if frame.detections is not None else frame.response
    counts, reached = np.zeros((len(thresholds), 6), dtype=np.int64), 0
    for i, threshold in enumerate(thresholds):
        now = int((values >= threshold).sum())
        if now == reached:  # nothing entered this frame
            counts[i] = counts[i - 1] if i else 0
            continue
        reached = now
        found = _centroids(values >= threshold) if frame.detections is None else frame.detections.points[:now]
        apart = np.hypot(*(truth[:, None] - found).transpose(2, 0, 1))
        counts[i] = [*(_pairs(apart <= distance + 1e-6) for distance in range(1, 6)), len(found)]
    return counts


def _scores(frame: ScoredFrame) -> NDArray[np.float32]:
    """Strongest first."""
    return np.zeros(0, np.float32) if frame.detections is None else frame.detections.scores.astype(np.float32)


def _centroids(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)[3][1:])


def _pairs(allowed: NDArray[np.bool_]) -> int:
    return int(allowed[linear_sum_assignment(~allowed)].sum())
