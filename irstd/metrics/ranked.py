"""The counts of hse-2, of one frame or of any number of frames pooled (docs/hse.md)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from irstd.metrics.steps import Steps, summed
from irstd.metrics.thresholds import DISTANCES_PX

PIXEL_COLUMNS, TARGET_COLUMNS = 2, len(DISTANCES_PX) + 1


@dataclass(frozen=True)
class Ranked:
    """Pixels and targets as the threshold falls; `a + b`, or `pooled_ranked(...)`.

    Attributes:
        lowest: the least value of the responses; only thresholds above it count. Infinite without a frame.
        pixels: at levels of `logit_levels`: true pixels, all pixels.
        targets: at values of a response or scores: pairs within 1 to 5 px (d = 5), found targets.
    """

    lowest: float
    pixels: Steps
    targets: Steps

    @classmethod
    def none(cls) -> "Ranked":
        """Return the counts of no frame."""
        return cls(np.inf, Steps.none(PIXEL_COLUMNS), Steps.none(TARGET_COLUMNS))

    def __add__(self, other: "Ranked") -> "Ranked":
        return pooled_ranked([self, other])


def pooled_ranked(parts: Iterable[Ranked]) -> Ranked:
    """Return the sum of `parts`; without parts the counts of no frame."""
    each = [Ranked.none(), *parts]
    return Ranked(
        lowest=min(part.lowest for part in each),
        pixels=summed((part.pixels for part in each), PIXEL_COLUMNS),
        targets=summed((part.targets for part in each), TARGET_COLUMNS),
    )
