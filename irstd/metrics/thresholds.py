"""The grid of hse-1 and the one rule by which a confidence reaches a threshold (HSE.md).

Confidences and thresholds are both rounded to float32 and compared there. So a response that stores k/255 or 0.3 as
float32 reaches that threshold, and so does a float64 score of 0.3.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVELS = 255
HALF = 0.5
TARGET_CONFIDENCES = tuple(k / 10 for k in range(1, 10))
DISTANCES_PX = (1, 2, 3, 4, 5)

# Places in the threshold axis of the counts: pixel counts stand at k/255, then at 0.5, then at the operating threshold;
# target counts at 0.1 to 0.9, then at the operating threshold.
PIXEL_GRID, AT_HALF = slice(0, LEVELS), LEVELS
TARGET_GRID = slice(0, len(TARGET_CONFIDENCES))
AT_OPERATING = -1


def at_least(confidences: ArrayLike, threshold: float) -> NDArray[np.bool_]:
    """Which of `confidences` are `threshold` or more, both as float32."""
    return np.asarray(np.asarray(confidences, dtype=np.float32) >= np.float32(threshold), dtype=np.bool_)


def levels(response: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The largest k in 0..255 with response >= k/255, of float32 values in [0, 1]; same shape."""
    # To multiply and cut off is exact in float32: a test holds each of the 255 levels and the float below it.
    level = np.empty(response.shape, dtype=np.uint8)
    return np.multiply(response, np.float32(LEVELS), out=level, casting="unsafe")
