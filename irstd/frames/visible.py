"""Contrast that a person sees: dim 8-bit frames stretched, deep ones by their local noise. For pictures only. Ours."""

import numpy as np
from numpy.typing import NDArray

from irstd.frames.deep import map_deep
from irstd.frames.read import Frame

_LOW_PERCENTILE, _HIGH_PERCENTILE = 1.0, 99.0  # the bulk of a frame; a target is not part of it
_DARKEST, _SPAN = 26.0, 96.0  # levels: where the bulk begins, and how many it is spread over at least
_MOST_GAIN = 8.0  # more would show rounding to whole levels as steps


def visible(frame: Frame) -> NDArray[np.uint8]:
    """`frame` in 8 bit, same shape, for a person: frames of little contrast are spread over more levels.

    Frames over 8 bit become what a detector sees of them (`irstd.frames.map_deep`).
    """
    if frame.dtype != np.uint8:
        return map_deep(frame)
    low, high = np.percentile(frame, (_LOW_PERCENTILE, _HIGH_PERCENTILE))
    if high - low >= _SPAN:
        return np.asarray(frame, dtype=np.uint8)
    gain = min(_SPAN / max(high - low, 1.0), _MOST_GAIN)
    levels = _DARKEST + gain * (np.arange(256) - low)
    return np.asarray(np.rint(np.clip(levels, 0.0, 255.0)), dtype=np.uint8)[frame]
