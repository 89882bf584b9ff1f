"""The formulas of hse-1 and hse-2, shared by the score of one set and those of its resamples.

Whole numbers give a float, arrays float64 of the shape that they broadcast to. Divisors must not be 0: callers decide
where a figure is undefined.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.metrics.counts import IOU_UNIT

Amount = int | NDArray[np.int64] | NDArray[np.float64]


def iou(tp: Amount, fp: Amount, target_pixels: Amount) -> Any:
    """Pooled IoU of pixels in [0, 1], best 1."""
    return tp / (fp + target_pixels)


def niou(own_iou: Amount, target_frames: Amount) -> Any:
    """Mean in [0, 1] of the frames' own IoU, given their sum in 2^-40; best 1."""
    return own_iou / (IOU_UNIT * target_frames)


def f1(tp: Amount, found: Amount, true: Amount) -> Any:
    """F1 in [0, 1] of pixels or targets, best 1."""
    return 2 * tp / (found + true)


def per_mpx(area_px: Amount, pixels: Amount) -> Any:
    """`area_px` as px a megapixel of `pixels`; best 0."""
    return area_px * 1_000_000 / pixels


def pixel_part(a_iou: Any, a_niou: Any) -> Any:
    """The pixel part of hse-1 in [0, 1], best 1."""
    return (a_iou + a_niou) / 2


def hse(pixel: Any, target: Any) -> Any:
    """hse-1 in [0, 100] of its pixel and its target part, best 100."""
    return 100 * (pixel + target) / 2


def average_precision(tp: NDArray[Any], found: NDArray[Any], true: Amount) -> Any:
    """The integral over r in [0, 1] of the highest precision among thresholds with a recall of r or more; best 1.

    0 where no threshold reaches r.

    Args:
        tp, found: (k, ...), what is true and what is found at k thresholds, in any order.
        true: (...) what there is to find.
    """
    if (np.diff(tp, axis=0) < 0).any():
        keys = tp.astype(np.uint16) if tp.max() < 2**16 else tp  # NumPy sorts short whole numbers by their digits
        order = np.argsort(keys, axis=0, kind="stable")
        tp, found = (np.take_along_axis(each, order, axis=0) for each in (tp, found))
    precision = np.divide(tp, found, out=np.zeros(tp.shape), where=found > 0)
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    return (np.diff(tp, axis=0, prepend=0) * envelope).sum(axis=0) / true


def hse_2(ap_pixel: Any, ap_target: Any) -> Any:
    """hse-2 in [0, 100] of its pixel and its target part, best 100."""
    return 100 * (ap_pixel + ap_target) / 2
