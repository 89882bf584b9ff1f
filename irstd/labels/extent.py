"""Points to the pixels of their targets: a response for point models, pseudo-masks for mask models."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.labels.detections import Detections


@dataclass(frozen=True)
class ExtentRule:
    """The constants of the step from a point to its pixels (docs/hse.md); part of the definition `hse-1`.

    Fitted on the training frames of SIRST-V1 (256) and NUDT-SIRST (530) with true points, then frozen; see
    benchmarks/extent.py.

    Attributes:
        fraction: a target pixel stands out from the background by more than this share of what the peak does.
        reach_px: half of the window that bounds a target.
        ring_px: width of the ring round that window whose median is the background. [ours]
        seed_px: half of the window round the point in which the target's peak is looked for. [ours]
    """

    fraction: float = 0.35
    reach_px: int = 8
    ring_px: int = 1
    seed_px: int = 2


RULE = ExtentRule()


def response_from_points(image: NDArray[np.uint8], found: Detections, rule: ExtentRule = RULE) -> NDArray[np.float32]:
    """float32 (H, W) in [0, 1]: each detection's score on the pixels of its target, 0 elsewhere.

    Where targets overlap, the larger score counts. A detection marks at least its own pixel.

    Args:
        image: uint8 (H, W) or (H, W, 3) in RGB order, at native size.
        found: points in px of that image; one off the image marks the nearest pixel.
        rule: the constants.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    response = np.zeros(grey.shape, dtype=np.float32)
    for point, score in zip(found.points, found.scores, strict=True):
        top, left, pixels = _extent(grey, point, rule)
        window = response[top : top + pixels.shape[0], left : left + pixels.shape[1]]
        np.maximum(window, pixels * np.float32(score), out=window)
    return response


def masks_from_points(
    image: NDArray[np.uint8], points: NDArray[np.float64], rule: ExtentRule = RULE
) -> NDArray[np.bool_]:
    """The pseudo-mask, bool (H, W), of single-point labels (n, 2): the same step as `response_from_points`."""
    return response_from_points(image, Detections(points=points, scores=np.ones(len(points))), rule) > 0


def _extent(
    grey: NDArray[np.uint8], point: NDArray[np.float64], rule: ExtentRule
) -> tuple[int, int, NDArray[np.bool_]]:
    """(top, left) of the window round a point and the target's pixels in it."""
    height, width = grey.shape
    column = min(max(int(np.floor(point[0] + 0.5)), 0), width - 1)
    row = min(max(int(np.floor(point[1] + 0.5)), 0), height - 1)
    top, left = max(row - rule.reach_px, 0), max(column - rule.reach_px, 0)
    window = grey[top : row + rule.reach_px + 1, left : column + rule.reach_px + 1].astype(np.float64)
    y, x = _peak(window, row - top, column - left, rule.seed_px)
    floor = _background(grey, row, column, rule)
    pixels = window - floor > rule.fraction * (window[y, x] - floor)
    if window[y, x] <= floor:
        pixels = np.zeros(window.shape, dtype=np.bool_)
        pixels[row - top, column - left] = True
        return top, left, pixels
    _, labels = cv2.connectedComponents(pixels.astype(np.uint8), connectivity=8)
    return top, left, np.asarray(labels == labels[y, x], dtype=np.bool_)


def _peak(window: NDArray[np.float64], row: int, column: int, reach: int) -> tuple[int, int]:
    """(row, column) of the brightest pixel within `reach` of a pixel; the first in raster order."""
    top, left = max(row - reach, 0), max(column - reach, 0)
    near = window[top : row + reach + 1, left : column + reach + 1]
    down, right = divmod(int(near.argmax()), near.shape[1])
    return top + down, left + right


def _background(grey: NDArray[np.uint8], row: int, column: int, rule: ExtentRule) -> float:
    """The median of the ring round the window; of the window itself where the image ends inside the ring."""
    outer = rule.reach_px + rule.ring_px
    top, left = max(row - outer, 0), max(column - outer, 0)
    area = grey[top : row + outer + 1, left : column + outer + 1]
    ring = np.ones(area.shape, dtype=np.bool_)
    inner_top, inner_left = max(row - rule.reach_px - top, 0), max(column - rule.reach_px - left, 0)
    ring[inner_top : row + rule.reach_px + 1 - top, inner_left : column + rule.reach_px + 1 - left] = False
    return float(np.median(area[ring] if ring.any() else area))
