"""Target counts of one frame: found and true targets matched at every confidence and distance of hse-1."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.labels.detections import Detections
from irstd.labels.points import Components
from irstd.metrics.found import Found, found_by_points, found_in_response
from irstd.metrics.matching import distances, match
from irstd.metrics.scored import ScoredFrame
from irstd.metrics.thresholds import DISTANCES_PX, TARGET_CONFIDENCES, at_least


@dataclass(frozen=True)
class TargetCounts:
    """Targets of one frame at one confidence, at 1 to 5 px (d = 5).

    Attributes:
        found: found targets.
        matched: int64 (d,) pairs.
        unmatched_px: int64 (d,) area of the unmatched found targets.
        detected: bool (n,) the true targets matched at 5 px.
        false_scores: float64 (m,) of the found targets that are not matched at 5 px.
    """

    found: int
    matched: NDArray[np.int64]
    unmatched_px: NDArray[np.int64]
    detected: NDArray[np.bool_]
    false_scores: NDArray[np.float64]


def count_targets(scored: ScoredFrame, truth: Components, threshold: float) -> list[TargetCounts]:
    """The target counts of a checked frame at 0.1 to 0.9 and at the operating `threshold`, in this order."""
    lit = _Lit.of(scored.response, min(*TARGET_CONFIDENCES, threshold))
    rows: list[TargetCounts] = []
    before: tuple[int, int] | None = None
    for confidence in TARGET_CONFIDENCES:
        above = at_least(lit.box, confidence)
        named = _reaching(scored.detections, confidence)
        # What reaches one confidence is among what reaches a lower one: as much of it is the same.
        now = (int(np.count_nonzero(above)), 0 if named is None else len(named))
        rows.append(rows[-1] if now == before else _count(lit.found(above, named), truth))
        before = now
    rows.append(_count(lit.found(at_least(lit.box, threshold), scored.operating), truth))
    return rows


@dataclass(frozen=True)
class _Lit:
    """The box of everything in a response that reaches the lowest threshold; most frames are empty outside it.

    Attributes:
        box: float32 (h, w), that part of the response; (0, 0) where nothing does.
        origin: (x, y) px of its first pixel.
    """

    box: NDArray[np.float32]
    origin: NDArray[np.float64]

    @classmethod
    def of(cls, response: NDArray[np.float32], lowest: float) -> "_Lit":
        left, top, width, height = cv2.boundingRect(at_least(response, lowest).astype(np.uint8))
        return cls(response[top : top + height, left : left + width], np.array([left, top], dtype=np.float64))

    def found(self, above: NDArray[np.bool_], named: Detections | None) -> Found:
        """The found targets in frame px: components of `above` (h, w), or the `named` detections with their parts."""
        if named is None:
            found = found_in_response(self.box, above)
        else:
            found = found_by_points(Detections(points=named.points - self.origin, scores=named.scores), above)
        return Found(points=found.points + self.origin, areas=found.areas, scores=found.scores)


def _reaching(detections: Detections | None, confidence: float) -> Detections | None:
    if detections is None:
        return None
    keep = at_least(detections.scores, confidence)
    return Detections(points=detections.points[keep], scores=detections.scores[keep])


def _count(found: Found, truth: Components) -> TargetCounts:
    apart = distances(truth.points, found.points)
    pairs = [match(apart, distance, found.areas) for distance in DISTANCES_PX]
    area = int(found.areas.sum())
    detected = np.zeros(len(truth.areas), dtype=np.bool_)
    false = np.ones(len(found), dtype=np.bool_)
    detected[pairs[-1][0]] = True
    false[pairs[-1][1]] = False
    return TargetCounts(
        found=len(found),
        matched=np.array([len(rows) for rows, _ in pairs], dtype=np.int64),
        unmatched_px=np.array([area - int(found.areas[columns].sum()) for _, columns in pairs], dtype=np.int64),
        detected=detected,
        false_scores=found.scores[false],
    )
