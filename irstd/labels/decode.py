"""Responses to detections, for point models: peaks of the map (SPIRE's ATLDH)."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.detections import Detections
from irstd.labels.points import components_of
from irstd.labels.reaching import reaches

# Peaks of a frame that hse-2 ranks, and the most that the rules of a detector keep unless they say otherwise.
MOST_PEAKS = 64


Centre = Literal["quarter", "centroid"]
"""How a peak of one cell gets its place between cells."""

_CENTROID_REACH = 3  # half of a window of 7 × 7 cells
_CENTROID_SHARE = 0.3  # of the peak; lower cells are background


def decode_points(
    raw: NDArray[np.float32], threshold: float, value_range: float | None, most: int, centre: Centre = "quarter"
) -> Detections:
    """The peaks of a response map, in cells (x, y), strongest first; scores clipped to [0, 1]. SPIRE, released code.

    A cell is a peak where none of its eight neighbours is larger. Equal neighbouring peaks count as one, at their mean
    [ours]. A peak at coordinate 0 is a peak like any other. A peak of one cell moves by `centre`:

    - quarter: a quarter cell toward its larger neighbour along each axis, unless it lies within one cell of a border;
    - centroid: to the centroid of the cells round it that exceed a share of it [ours].

    Args:
        raw: float32 (h, w), linear: values above 1 and below 0 may occur and are ranked as they are.
        threshold: least value of a peak (the authors: a peak must exceed it).
        value_range: see `ranked`.
        most: maximum number kept.
        centre: as above.

    Raises:
        ScoreError: the map is not (h, w) or holds NaN.
    """
    if raw.ndim != 2:
        raise ScoreError(f"a response map must be (h, w), got shape {raw.shape}; pass one frame and one channel")
    if np.isnan(raw).any():
        raise ScoreError("the response map holds NaN; the network has diverged, train it again with a lower rate")
    highest = cv2.dilate(raw, np.ones((3, 3), dtype=np.uint8), borderType=cv2.BORDER_REPLICATE)
    peaks = components_of((raw == highest) & reaches(raw, threshold))
    values = raw.ravel()[peaks.pixels[np.unique(peaks.owners, return_index=True)[1]]].astype(np.float64)
    order = ranked(values, value_range, most)
    points = peaks.points[order]
    single = peaks.areas[order] == 1
    shift = _quarter_shift if centre == "quarter" else _centroid_shift
    points[single] += [shift(raw, int(x), int(y)) for x, y in points[single]] if single.any() else 0.0
    return Detections(points=points, scores=np.clip(values[order], 0.0, 1.0))


def ranked(scores: NDArray[np.float64], value_range: float | None, most: int) -> NDArray[np.int64]:
    """The indices of the `most` largest scores, largest first, equal ones in their order.

    Args:
        scores: (n,), in any range.
        value_range: SPIRE's relative rule, applied after `most`: drop a score that lies below the largest by more than
            this share of it; None: off.
        most: maximum number kept.
    """
    order: NDArray[np.int64] = np.argsort(-scores, kind="stable")[:most]
    if value_range is None or not len(order):
        return order
    largest = scores[order[0]]
    near: NDArray[np.bool_] = largest - scores[order] <= value_range * abs(largest)
    return np.asarray(order[near], dtype=np.int64)


def _quarter_shift(raw: NDArray[np.float32], column: int, row: int) -> tuple[float, float]:
    """(x, y) in cells, each −0.25, 0 or 0.25."""
    height, width = raw.shape
    if not (1 < column < width - 1 and 1 < row < height - 1):
        return 0.0, 0.0
    along_x = np.sign(raw[row, column + 1] - raw[row, column - 1])
    along_y = np.sign(raw[row + 1, column] - raw[row - 1, column])
    return 0.25 * float(along_x), 0.25 * float(along_y)


def _centroid_shift(raw: NDArray[np.float32], column: int, row: int) -> tuple[float, float]:
    """(x, y) in cells, each from −3 to 3; 0 for a peak that is not above 0, which has no share to exceed."""
    peak = float(raw[row, column])
    if peak <= 0.0:
        return 0.0, 0.0
    top, left = max(row - _CENTROID_REACH, 0), max(column - _CENTROID_REACH, 0)
    window = raw[top : row + _CENTROID_REACH + 1, left : column + _CENTROID_REACH + 1].astype(np.float64)
    weights = np.where(window > _CENTROID_SHARE * peak, window, 0.0)
    rows, columns = np.mgrid[: window.shape[0], : window.shape[1]]
    total = weights.sum()
    return (
        float((weights * columns).sum() / total) + left - column,
        float((weights * rows).sum() / total) + top - row,
    )
