"""Grey levels and channels of a frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames.read import Frame

# 16-bit sensors fill a small part of their range. The bulk of the frame is spread over the lower 60 %,
# so that a target far above it keeps its height; percentiles keep dead pixels from deciding. [ours]
_LOW_PERCENTILE, _HIGH_PERCENTILE = 1.0, 99.0
_LOW_LEVEL, _HIGH_LEVEL = 0.1, 0.6


def to_8bit(frame: Frame) -> NDArray[np.uint8]:
    """`frame` in 8 bit, same shape: 8-bit frames unchanged, 16-bit ones stretched by their own percentiles. Ours.

    For pictures that people or statistics look at; faint targets of wide ranges are lost (`irstd.frames.deep`).
    """
    if frame.dtype == np.uint8:
        return np.asarray(frame, dtype=np.uint8)
    low, span = _bulk(frame)
    unit = (frame.astype(np.float32) - np.float32(low)) / np.float32(span)
    levels = _LOW_LEVEL + (_HIGH_LEVEL - _LOW_LEVEL) * unit
    return np.asarray(np.rint(np.clip(levels, 0.0, 1.0) * 255.0), dtype=np.uint8)


def stretch_gain(frame: Frame) -> float:
    """Levels of 255 that `to_8bit` gives a count of a 16-bit `frame`."""
    return 255.0 * (_HIGH_LEVEL - _LOW_LEVEL) / _bulk(frame)[1]


def _bulk(frame: Frame) -> tuple[float, float]:
    """The first percentile and the span up to the last, at least 1."""
    low, high = np.percentile(frame, (_LOW_PERCENTILE, _HIGH_PERCENTILE))
    return float(low), float(max(high - low, 1.0))


def to_grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) of an 8-bit frame: itself, or the luma of its three RGB channels."""
    return frame if frame.ndim == 2 else np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def to_rgb(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) of an 8-bit frame: itself, or its one channel three times."""
    return frame if frame.ndim == 3 else np.repeat(frame[..., None], 3, axis=2)
