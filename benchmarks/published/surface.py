"""BasicIRSTD's Pd and Fa at many confidences and distances at once, as others plot them; never part of hse-1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.points import components_of
from irstd.metrics.layers import found_in_response
from irstd.metrics.matching import Near, Places, matched, near
from irstd.metrics.scored import ScoredFrame, checked
from irstd.metrics.thresholds import HALF


@dataclass(frozen=True, eq=False)
class BasicSurface:
    """Target counts at confidences (q,) and distances (d,), of one frame or pooled; `a + b` adds.

    Attributes:
        targets, pixels: true targets, and all pixels.
        found: int64 (q,) found targets.
        matched: int64 (q, d) pairs.
        unmatched_px: int64 (q, d) area of the unmatched found targets.
    """

    targets: int
    pixels: int
    found: NDArray[np.int64]
    matched: NDArray[np.int64]
    unmatched_px: NDArray[np.int64]

    def __add__(self, other: "BasicSurface") -> "BasicSurface":
        return BasicSurface(
            targets=self.targets + other.targets,
            pixels=self.pixels + other.pixels,
            found=self.found + other.found,
            matched=self.matched + other.matched,
            unmatched_px=self.unmatched_px + other.unmatched_px,
        )

    @property
    def pd(self) -> NDArray[np.float64] | None:
        """(q, d) share of the true targets that are matched; None without one."""
        return self.matched / self.targets if self.targets else None

    @property
    def fa_per_mpx(self) -> NDArray[np.float64]:
        """(q, d) unmatched area in px a megapixel (Fa · 1e6)."""
        return np.asarray(self.unmatched_px * 1_000_000 / self.pixels)


def basic_surface(given: ScoredFrame, confidences: Sequence[float], distances_px: Sequence[float]) -> BasicSurface:
    """BasicIRSTD's counts of one frame: pixels are `response > confidence`, both as float32.

    Each true target, in raster order, takes the first free component in raster order that is nearer than the distance,
    the nearest or not. Detections are not looked at.

    Raises:
        ScoreError: the frame cannot be scored (wrong shape, range or type), or there is no confidence or distance.
    """
    if not len(confidences) or not len(distances_px):
        raise ScoreError("a surface needs at least one confidence and one distance")
    scored = checked(replace(given, detections=None, operating=None), HALF)
    truth = components_of(scored.truth)
    # More than a float32 is the next one or more.
    above = np.nextafter(np.asarray(confidences, dtype=np.float32), np.float32(np.inf))
    found = found_in_response(scored.response, above)
    pairs = near(truth.points, found.points, found.layers, max(distances_px))
    apart = np.linalg.norm(pairs.offsets, axis=1)
    hits, missed_px = [], []
    for distance in distances_px:
        close = pairs[apart < distance]
        free = np.ones(len(found.areas), dtype=np.int64)
        free[close.found[matched(close, _first_free)]] = 0
        hits.append(found.sums(1 - free))
        missed_px.append(found.sums(found.areas * free))
    return BasicSurface(
        targets=len(truth.areas),
        pixels=scored.truth.size,
        found=found.sums(np.ones_like(found.areas)),
        matched=np.stack(hits, axis=1),
        unmatched_px=np.stack(missed_px, axis=1),
    )


def pooled_surface(parts: Iterable[BasicSurface]) -> BasicSurface:
    """The sum of `parts`, at least one, all of the same grid."""
    return reduce(add, parts)


def _first_free(pairs: Near) -> Places:
    """Return the indices of the `pairs` that are taken, first come, first served."""
    taken, true, found = [], set(), set()
    for place, pair in enumerate(zip(pairs.true.tolist(), pairs.found.tolist(), strict=True)):
        if pair[0] not in true and pair[1] not in found:
            taken.append(place)
            true.add(pair[0])
            found.add(pair[1])
    return np.array(taken, dtype=np.intp)
