"""hse-2 of resamples of frames, from their stored ranks.

A level matters only where something true enters or something found leaves: at any other, precision falls at no higher
recall. So the changes between two such levels are added up first, which keeps the work of a resample small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from irstd.metrics import formulas
from irstd.metrics.ranked import Ranked
from irstd.metrics.ranked_figures import lowest_level
from irstd.metrics.steps import Steps

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Curve:
    """One of the two curves of n frames.

    Attributes:
        levels: (k,) those that matter, strictly falling.
        changes: for each column, (k, n): what each frame adds down to each level.
        lowest: (n,) the least level of each frame.
    """

    levels: NDArray[np.float32]
    changes: tuple[csr_array, ...]
    lowest: Values

    @classmethod
    def of(cls, frames: Sequence[Steps], lowest: Sequence[float]) -> "_Curve":
        """The curve of `frames` in their order, each with its least level."""
        owners = np.repeat(np.arange(len(frames)), [len(each.levels) for each in frames])
        changes = np.concatenate([each.changes for each in frames])
        rising, places = np.unique(np.concatenate([each.levels for each in frames]), return_inverse=True)
        matters = np.zeros(len(rising), dtype=np.bool_)
        matters[places[(changes[:, :-1] > 0).any(axis=1) | (changes[:, -1] < 0)]] = True
        # A level counts at the next lower one that matters, which is that of this number in falling order.
        rows = (matters[::-1].cumsum()[::-1] - matters)[places]
        shape = (int(matters.sum()), len(frames))
        columns = []
        for column in changes.T:
            kept = (rows < shape[0]) & (column != 0)
            columns.append(csr_array((column[kept], (rows[kept], owners[kept])), shape=shape))
        return cls(rising[matters][::-1], tuple(columns), np.asarray(lowest, dtype=np.float64))

    def mean_ap(self, weights: Values, true: Values) -> Values:
        """(r,): the mean average precision of resamples with these weights (r, n) and `true` (r,) to be found."""
        lowest = np.where(weights > 0, self.lowest, np.inf).min(axis=1)
        above = self.levels[:, None] > lowest
        *hits, found = (np.where(above, each @ weights.T, 0).cumsum(axis=0) for each in self.changes)
        aps = [formulas.average_precision(each, found, true) for each in hits]
        return np.asarray(np.mean(aps, axis=0), dtype=np.float64)


@dataclass(frozen=True)
class RankedStack:
    """The ranks of n frames."""

    pixels: _Curve
    targets: _Curve

    @classmethod
    def of(cls, ranks: Sequence[Ranked]) -> "RankedStack":
        """The ranks of frames in their order."""
        lowest = [each.lowest for each in ranks]
        return cls(
            _Curve.of([each.pixels for each in ranks], [lowest_level(each) for each in lowest]),
            _Curve.of([each.targets for each in ranks], lowest),
        )

    def resampled(self, weights: Values, pooled: Mapping[str, Values]) -> dict[str, Values]:
        """hse-2 and its parts, each (r,), of resamples with weights (r, n) and these pooled counts by name."""
        ap_pixel = self.pixels.mean_ap(weights, pooled["target_pixels"])
        ap_target = self.targets.mean_ap(weights, pooled["targets"])
        return {"hse_2": formulas.hse_2(ap_pixel, ap_target), "ap_pixel": ap_pixel, "ap_target": ap_target}
