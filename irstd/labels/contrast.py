"""Size and local contrast of true targets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Frame, without_background
from irstd.labels.points import Components

# Upper limits of the classes, inclusive; the last class is open. [ours]
SIZE_LIMITS_PX = (9, 81)
CONTRAST_LIMITS = (4.0, 8.0)

_MARGIN_PX = 10
_LUMA = (0.299, 0.587, 0.114)
# Grey levels; below it a spread or a difference is rounding.
_FLAT = 1e-6


def local_contrast(frame: Frame, truth: NDArray[np.bool_], targets: Components) -> NDArray[np.float64]:
    """float64 (n,): |mean of the target − mean of its surroundings| in standard deviations of the surroundings.

    The surroundings are the target's box grown by 10 px, without target pixels. Flat surroundings give inf, or 0 where
    the target does not differ from them; NaN where there are no surroundings. Deep frames count without their local
    background, whose slope would be the spread. Ours, after the usual signal-to-clutter ratio.
    """
    plain = without_background(frame) if len(targets.areas) else frame
    return np.array([_contrast(plain, truth, targets.pixels[targets.owners == i]) for i in range(len(targets.areas))])


def _contrast(frame: NDArray[Any], truth: NDArray[np.bool_], pixels: NDArray[np.int64]) -> float:
    rows, columns = np.divmod(pixels, truth.shape[1])
    top, left = max(int(rows.min()) - _MARGIN_PX, 0), max(int(columns.min()) - _MARGIN_PX, 0)
    box = (slice(top, int(rows.max()) + _MARGIN_PX + 1), slice(left, int(columns.max()) + _MARGIN_PX + 1))
    grey = grey_levels(frame[box])
    around = grey[~truth[box]]
    if not around.size:
        return float("nan")
    difference = abs(float(grey[rows - top, columns - left].mean() - around.mean()))
    spread = float(around.std())
    if spread < _FLAT:
        return float("inf") if difference > _FLAT else 0.0
    return difference / spread


def grey_levels(part: NDArray[Any]) -> NDArray[np.float64]:
    """Return the luma (H, W) of a frame or a part of one, in its own levels."""
    levels = part.astype(np.float64)
    return levels if levels.ndim == 2 else np.asarray(levels @ np.asarray(_LUMA))


def by_class(values: NDArray[np.float64], limits: tuple[float, ...]) -> NDArray[np.int64]:
    """Count `values` by class: int64 (len(limits) + 1,); NaN belongs to no class."""
    classes = np.searchsorted(limits, values[~np.isnan(values)], side="left")
    return np.bincount(classes, minlength=len(limits) + 1)


def class_names(limits: tuple[float, ...], unit: str) -> list[str]:
    """Name the classes by their upper limits: `up_to_9_px`, `up_to_81_px`, `over_81_px`."""
    return [*(f"up_to_{limit:g}_{unit}" for limit in limits), f"over_{limits[-1]:g}_{unit}"]
