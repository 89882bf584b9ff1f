"""The field's usual figures as others compute them, for comparison with published tables; never part of hse-1."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from irstd.labels.points import components_of
from irstd.metrics.scored import ScoredFrame, checked
from irstd.metrics.thresholds import HALF


@dataclass(frozen=True)
class BasicCounts:
    """Counts of BasicIRSTD, of one frame or pooled; `a + b` adds.

    Attributes:
        intersection, union: px of response > threshold and truth.
        targets, matched: true targets, and those with a component whose centroid is nearer than 3 px.
        unmatched_px: area of the components without a true target.
        released_unmatched_px: the same as their released code counts it: it leaves out every unmatched component that
            happens to be as large as a matched one of its frame.
        pixels: all.
    """

    intersection: int = 0
    union: int = 0
    targets: int = 0
    matched: int = 0
    unmatched_px: int = 0
    released_unmatched_px: int = 0
    pixels: int = 0

    def __add__(self, other: "BasicCounts") -> "BasicCounts":
        return BasicCounts(*(mine + its for mine, its in zip(_values(self), _values(other), strict=True)))

    @property
    def iou(self) -> float | None:
        """Pooled IoU in [0, 1]; None where truth and response are empty everywhere."""
        return self.intersection / self.union if self.union else None

    @property
    def pd(self) -> float | None:
        """Share of the true targets that are matched; None without one."""
        return self.matched / self.targets if self.targets else None

    @property
    def fa_per_mpx(self) -> float | None:
        """Unmatched area in px a megapixel (Fa · 1e6); None without a frame."""
        return self.unmatched_px * 1_000_000 / self.pixels if self.pixels else None

    @property
    def released_fa_per_mpx(self) -> float | None:
        """Fa · 1e6 as the released code counts it; None without a frame."""
        return self.released_unmatched_px * 1_000_000 / self.pixels if self.pixels else None


def basic_irstd(given: ScoredFrame, threshold: float = HALF, distance_px: float = 3.0) -> BasicCounts:
    """BasicIRSTD's counts of one frame: pixels are `response > threshold`, both as float32.

    Each true target, in raster order, takes the first component in raster order that is nearer than `distance_px`, the
    nearest or not. Detections are not looked at.

    Raises:
        ScoreError: the frame cannot be scored (wrong shape, range or type).
    """
    scored = checked(replace(given, detections=None, operating=None), threshold)
    above = np.asarray(scored.response > np.float32(threshold), dtype=np.bool_)
    truth, found = components_of(scored.truth), components_of(above)
    free = np.ones(len(found.areas), dtype=np.bool_)
    for point in truth.points:
        near = np.flatnonzero(free & (_apart(found.points, point) < distance_px))
        free[near[:1]] = False
    odd = free & ~np.isin(found.areas, found.areas[~free])
    return BasicCounts(
        intersection=int(np.count_nonzero(above & scored.truth)),
        union=int(np.count_nonzero(above | scored.truth)),
        targets=len(truth.areas),
        matched=int(np.count_nonzero(~free)),
        unmatched_px=int(found.areas[free].sum()),
        released_unmatched_px=int(found.areas[odd].sum()),
        pixels=scored.truth.size,
    )


def pooled_basic(parts: Iterable[BasicCounts]) -> BasicCounts:
    """The sum of `parts`."""
    return sum(parts, start=BasicCounts())


@dataclass(frozen=True)
class PointCounts:
    """Counts of SPIRE, of one frame or pooled; `a + b` adds.

    Attributes:
        tp, fp, fn: targets matched, found in vain, missed.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: "PointCounts") -> "PointCounts":
        return PointCounts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


def spire_counts(truth: NDArray[np.float64], found: NDArray[np.float64], distance_px: float = 5.0) -> PointCounts:
    """SPIRE's counts of one frame, of true points (n, 2) and found points (m, 2), in (x, y) px.

    Each true point, in the order given, takes the nearest found point still free if it is at most `distance_px` away
    (their released evaluation). Their code also drops found points at exactly (0, 0), its padding; ours has none.
    """
    free = np.ones(len(found), dtype=np.bool_)
    for point in truth:
        apart = np.where(free, _apart(found, point), np.inf)
        if len(apart) and apart.min() <= distance_px:
            free[apart.argmin()] = False
    tp = int(np.count_nonzero(~free))
    return PointCounts(tp=tp, fp=len(found) - tp, fn=len(truth) - tp)


def pooled_points(parts: Iterable[PointCounts]) -> PointCounts:
    """The sum of `parts`."""
    return sum(parts, start=PointCounts())


def _apart(points: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(points - point, axis=1), dtype=np.float64)


def _values(counts: BasicCounts) -> tuple[int, ...]:
    return (
        counts.intersection,
        counts.union,
        counts.targets,
        counts.matched,
        counts.unmatched_px,
        counts.released_unmatched_px,
        counts.pixels,
    )
