"""Pixels of one frame by rank, for hse-2: counted at 4096 levels."""

import numpy as np
from numpy.typing import NDArray

from irstd.metrics.steps import Steps

# Levels uniform in the logit, because scores near 0 and 1 lie close together. Ours.
RANK_LEVELS, LOGIT_REACH = 4096, 20.0


def logit_levels(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """The level, 0 to 4095, of float32 values in [0, 1]; 0 for a logit of −20 or less, 4095 for one of 20 or more."""
    with np.errstate(divide="ignore"):
        logits = np.log(values / (np.float32(1) - values))
    scale = np.float32(RANK_LEVELS / (2 * LOGIT_REACH))
    levels = np.clip((logits + np.float32(LOGIT_REACH)) * scale, 0, RANK_LEVELS - 1)
    return np.asarray(levels, dtype=np.int64)


def pixel_steps(response: NDArray[np.float32], target_pixels: NDArray[np.int64]) -> Steps:
    """True pixels and all pixels that enter at each level of a response (H, W); flat indices of the true pixels."""
    values = response.ravel()
    lowest = values.min(keepdims=True)
    lit = values[values > lowest]  # in a clean frame, few
    found = np.bincount(logit_levels(lit), minlength=RANK_LEVELS)
    found[logit_levels(lowest)] += len(values) - len(lit)
    true = np.bincount(logit_levels(values[target_pixels]), minlength=RANK_LEVELS)
    occupied = np.flatnonzero(found)[::-1]
    return Steps(occupied.astype(np.float32), np.stack([true[occupied], found[occupied]], axis=1))
