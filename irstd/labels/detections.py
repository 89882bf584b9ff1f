"""The detections of one frame: points with scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.labels.reaching import reaches


@dataclass(frozen=True)
class Detections:
    """Points with scores, strongest first.

    Attributes:
        points: float64 (n, 2) of (x, y) px; pixel centres at integers, origin top left.
        scores: float64 (n,) in [0, 1].
    """

    points: NDArray[np.float64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def none(cls) -> "Detections":
        """Return empty detections."""
        return cls(points=np.zeros((0, 2)), scores=np.zeros(0))

    def strongest(self, most: int) -> "Detections":
        """Keep the `most` first, which are the strongest."""
        return Detections(points=self.points[:most], scores=self.scores[:most])

    def reaching(self, threshold: float) -> "Detections":
        """Keep the detections whose score reaches `threshold`."""
        keep = reaches(self.scores, threshold)
        return Detections(points=self.points[keep], scores=self.scores[keep])
