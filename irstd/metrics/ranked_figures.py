"""The figures of hse-2, from pooled counts."""

from dataclasses import dataclass

import numpy as np

from irstd.metrics import formulas
from irstd.metrics.counts import Counts
from irstd.metrics.ranked_pixels import logit_levels
from irstd.metrics.steps import Steps

DEFINITION_2 = "hse-2"


@dataclass(frozen=True)
class RankedFigures:
    """hse-2 and its parts; None without a true target, or where counts of an older irstd have no ranks.

    Attributes:
        hse_2: 100 · (ap_pixel + ap_target) / 2, in [0, 100]; best 100.
        ap_pixel: average precision of the pixels, in [0, 1].
        ap_target: mean over 1 to 5 px of the average precision of the targets, in [0, 1].
    """

    hse_2: float | None = None
    ap_pixel: float | None = None
    ap_target: float | None = None


def ranked_figures(c: Counts) -> RankedFigures:
    """Return hse-2 and its parts."""
    if c.ranked is None or not c.targets:
        return RankedFigures()
    ap_pixel = _mean_ap(c.ranked.pixels, lowest_level(c.ranked.lowest), c.target_pixels)
    ap_target = _mean_ap(c.ranked.targets, c.ranked.lowest, c.targets)
    return RankedFigures(formulas.hse_2(ap_pixel, ap_target), ap_pixel, ap_target)


def lowest_level(lowest: float) -> int:
    """Return the level of pixels with the least value of a response."""
    return int(logit_levels(np.array([lowest], dtype=np.float32))[0])


def _mean_ap(steps: Steps, lowest: float, true: int) -> float:
    """The mean over the columns of true ones of their average precision, at levels above `lowest`."""
    counts = steps.counts()[steps.levels > lowest]
    aps = [formulas.average_precision(hits, counts[:, -1], true) for hits in counts[:, :-1].T]
    return float(np.mean(aps))
