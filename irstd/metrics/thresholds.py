"""The grid of hse-1 (docs/hse.md)."""

import numpy as np
from numpy.typing import NDArray

LEVELS = 255
HALF = 0.5
TARGET_CONFIDENCES = tuple(k / 10 for k in range(1, 10))
DISTANCES_PX = (1, 2, 3, 4, 5)

# Places in the threshold axis of the counts: pixel counts stand at k/255, then at 0.5, then at the operating threshold;
# target counts at 0.1 to 0.9, then at the operating threshold.
PIXEL_GRID, AT_HALF = slice(0, LEVELS), LEVELS
TARGET_GRID = slice(0, len(TARGET_CONFIDENCES))
AT_OPERATING = -1


def levels(response: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The largest k in 0..255 with response >= k/255, of float32 values in [0, 1]; same shape."""
    # To multiply and cut off is exact in float32: a test holds each of the 255 levels and the float below it.
    level = np.empty(response.shape, dtype=np.uint8)
    return np.multiply(response, np.float32(LEVELS), out=level, casting="unsafe")
