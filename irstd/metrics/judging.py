"""Hits, misses and false alarms of one frame, for pictures."""

import numpy as np
from numpy.typing import NDArray

from irstd.frames.overlay import Judged
from irstd.labels.detections import Detections
from irstd.metrics.matching import best, distances, limit, matched, near
from irstd.metrics.thresholds import DISTANCES_PX


def judge(found: Detections, truth: NDArray[np.float64], reach_px: float = DISTANCES_PX[-1]) -> Judged:
    """Tell hits from false alarms, and name the targets missed: one-to-one, the most pairs, then the nearest.

    Args:
        found: of one frame.
        truth: (m, 2) of (x, y) px, its true targets.
        reach_px: how far a hit may lie from its target.
    """
    truth = np.asarray(truth, dtype=np.float64).reshape(-1, 2)
    pairs = near(truth, found.points, np.zeros(len(found), dtype=np.int64), reach_px)
    pairs = pairs[distances(pairs.offsets) <= limit(reach_px)]
    taken = matched(pairs, lambda each: best(each, np.ones(len(found), dtype=np.int64)))
    hit, reached = np.zeros(len(found), dtype=np.bool_), np.zeros(len(truth), dtype=np.bool_)
    hit[pairs.found[taken]] = reached[pairs.true[taken]] = True
    return Judged(hit, truth[~reached])
