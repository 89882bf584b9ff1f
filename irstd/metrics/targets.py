"""Target counts of one frame: found and true targets matched at every confidence and distance of hse-1."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from irstd.labels.decode import MOST_PEAKS
from irstd.labels.detections import Detections
from irstd.labels.points import Components
from irstd.metrics.found import found_by_points
from irstd.metrics.layers import Found, found_in_response
from irstd.metrics.matching import Near, Places, best, distances, limit, matched, near
from irstd.metrics.scored import ScoredFrame
from irstd.metrics.thresholds import AT_OPERATING, DISTANCES_PX, TARGET_CONFIDENCES


@dataclass(frozen=True)
class TargetCounts:
    """Targets of one frame at 0.1 to 0.9 and at the operating threshold (q = 10), at 1 to 5 px (d = 5).

    Attributes:
        found: int64 (q,) found targets.
        matched: int64 (q, d) pairs.
        unmatched_px: int64 (q, d) area of the unmatched found targets.
        detected: bool (n,) the true targets matched at the operating threshold and 5 px.
        highest_false_score: of the found targets that are not; None without any.
        sure: the found targets at 0.1, the least confidence, with their scores.
    """

    found: NDArray[np.int64]
    matched: NDArray[np.int64]
    unmatched_px: NDArray[np.int64]
    detected: NDArray[np.bool_]
    highest_false_score: float | None
    sure: Detections


def count_targets(scored: ScoredFrame, truth: Components, threshold: float) -> TargetCounts:
    """The target counts of a checked frame, `threshold` being the operating one."""
    found = _found(scored, threshold)
    pairs = near(truth.points, found.points, found.layers, DISTANCES_PX[-1])
    apart, choose = distances(pairs.offsets), partial(best, areas=found.areas)
    taken = [_taken(pairs[apart <= limit(distance)], choose) for distance in DISTANCES_PX]
    free = np.ones((len(found.areas), len(taken)), dtype=np.int64)
    for column, each in enumerate(taken):
        free[each.found, column] = 0
    operating = found.places[AT_OPERATING]
    detected = np.zeros(len(truth.areas), dtype=np.bool_)
    detected[taken[-1].true[taken[-1].layers == operating]] = True
    false = found.scores[(found.layers == operating) & (free[:, -1] > 0)]
    return TargetCounts(
        found=found.sums(np.ones_like(found.areas)),
        matched=np.stack([found.sums(1 - each) for each in free.T], axis=1),
        unmatched_px=np.stack([found.sums(found.areas * each) for each in free.T], axis=1),
        detected=detected,
        highest_false_score=float(false.max()) if len(false) else None,
        sure=_strongest(found, found.layers == found.places[0]),
    )


def _strongest(found: Found, which: NDArray[np.bool_]) -> Detections:
    """Return the 64 strongest of `which` found targets."""
    order = np.argsort(-found.scores[which], kind="stable")[:MOST_PEAKS]
    return Detections(found.points[which][order], found.scores[which][order])


def _found(scored: ScoredFrame, threshold: float) -> Found:
    """The found targets at 0.1 to 0.9 and at the operating threshold."""
    confidences = np.array([*TARGET_CONFIDENCES, threshold], dtype=np.float32)
    if scored.detections is None or scored.operating is None:
        return found_in_response(scored.response, confidences)
    grid = [scored.detections.reaching(confidence) for confidence in TARGET_CONFIDENCES]
    return found_by_points(scored.response, confidences, [*grid, scored.operating])


def _taken(pairs: Near, choose: Callable[[Near], Places]) -> Near:
    return pairs[matched(pairs, choose)]
