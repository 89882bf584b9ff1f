"""The one rule by which a score or a pixel reaches a threshold (docs/hse.md)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def reaches(values: ArrayLike, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Return which of `values` are `threshold` or more, both rounded to float32.

    A response that stores 0.7 as float32 reaches the threshold 0.7, and so does its score as float64, although that is
    less than the float64 0.7.
    """
    return np.asarray(np.asarray(values, dtype=np.float32) >= np.asarray(threshold, dtype=np.float32), dtype=np.bool_)
