"""The map from a detector's scores to probabilities, as a bundle keeps it (docs/hse.md)."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irstd.settings.bounds import Bounds, Section

# Scores are drawn in by so much at both ends, so that 0 and 1 have a logit, and none far beyond the others. Ours.
_MARGIN = 0.01
_HALVINGS = 60

LEAST_SLOPE, MOST_SLOPE, MOST_SHIFT = 0.05, 4.0, 10.0
Slope = Annotated[float, Bounds(least=LEAST_SLOPE, most=MOST_SLOPE)]


@dataclass(frozen=True)
class Calibration(Section):
    """A strictly increasing map from a score s in [0, 1] to the probability that a detection is a target.

    p = σ(rise · ln s' − fall · ln(1 − s') + shift) with s' = 0.01 + 0.98 s: beta calibration (Kull et al., PMLR 54,
    2017), and with rise = fall Platt's map on the logit. With 1, 1 and 0 it is the identity, but for s'.

    Attributes:
        rise, fall: slopes at low and at high scores.
        shift: of the logit.
    """

    rise: Slope = 1.0
    fall: Slope = 1.0
    shift: Annotated[float, Bounds(least=-MOST_SHIFT, most=MOST_SHIFT)] = 0.0

    def __call__(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return float64 probabilities in (0, 1) of scores in [0, 1], same shape."""
        low, high = features(scores)
        return np.asarray(1.0 / (1.0 + np.exp(-(self.rise * low - self.fall * high + self.shift))))

    @property
    def reach(self) -> tuple[float, float]:
        """The probabilities of the scores 0 and 1; no other lies outside."""
        least, most = self(np.array([0.0, 1.0])).tolist()
        return least, most

    def score_of(self, probability: float) -> float:
        """Return the least score in [0, 1] whose probability is `probability` or more; 1 above `reach`."""
        low, high = 0.0, 1.0
        if self(low) >= probability:
            return low
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self(middle) >= probability else (middle, high)
        return high


def features(scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ln s' and ln(1 − s') of scores in [0, 1]."""
    inner = _MARGIN + (1.0 - 2.0 * _MARGIN) * np.asarray(scores, dtype=np.float64)
    return np.log(inner), np.log1p(-inner)
