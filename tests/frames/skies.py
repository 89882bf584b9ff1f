"""A faint target set: a wide 16-bit sky, and its twin in 8 bit whose range is narrow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FaintSky:
    """36 targets of 30 to 60 counts in noise of 3, in a sky of 2000 to 14000 counts and in one of 60 to 100 levels."""

    deep: NDArray[np.uint16]
    twin: NDArray[np.uint8]
    points: NDArray[np.float64]
    mask: NDArray[np.bool_]

    def found(self, points: NDArray[np.float64]) -> int:
        """Return how many targets have one of `points` within 2 px."""
        apart = np.linalg.norm(self.points[:, None] - np.asarray(points).reshape(1, -1, 2), axis=2)
        return int((apart <= 2.0).any(axis=1).sum())


def faint_sky(seed: int = 0) -> FaintSky:
    rng, (height, width) = np.random.default_rng(seed), (192, 224)
    y, x = np.mgrid[:height, :width]
    points = np.array([(18 + 37 * column, 16 + 32 * row) for row in range(6) for column in range(6)], dtype=np.float64)
    added = np.zeros((height, width))
    for strength, (px, py) in zip(np.linspace(30, 60, 36), points, strict=True):
        added += strength * np.exp(-((x - px) ** 2 + (y - py) ** 2) / 2.0)
    slope = 0.7 * x / (width - 1) + 0.3 * y / (height - 1)
    seen = added + rng.normal(0.0, 3.0, (height, width))
    return FaintSky(
        deep=np.rint(2000.0 + 12000.0 * slope + seen).astype(np.uint16),
        twin=np.rint(np.clip(60.0 + 40.0 * slope + seen, 0, 255)).astype(np.uint8),
        points=points,
        mask=added > 10.0,
    )
