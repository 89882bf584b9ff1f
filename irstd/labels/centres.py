"""Centres of targets as a map of cells, and back: one peak a target, and its offset from the cell. Ours.

The form of CenterNet (Zhou et al., arXiv 1904.07850) with one size of Gaussian, since targets are small.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.decode import ranked
from irstd.labels.detections import Detections
from irstd.labels.points import components_of
from irstd.labels.reaching import reaches

PIXELS = 4
"""Planes of a cell's 2 × 2 pixels, row by row; in labels and outputs they stand before those of its centre."""

_SIGMA = 1.0  # of the Gaussian round a centre, in cells
_REACH = 3  # cells beyond which it is 0
_NEAR = 1  # cells round that of a centre which learn its offset too, since the highest one may be a neighbour
_APART = 5  # side in cells of the window in which one peak stays


def draw_centres(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return float32 (4, h, w): the response to centres, the (x, y) offset to the nearest one, where that is learned.

    The response is 1 in the cell of a centre. Offsets are in cells from a cell's own centre, and learned where the last
    plane is 1: within a cell of that of a centre.

    Args:
        points: (n, 2) of (x, y) in cells; the centre of the first cell is (0, 0).
        size: (h, w) in cells.
    """
    layers = np.zeros((4, *size), dtype=np.float32)
    nearest = np.full(size, np.inf, dtype=np.float32)
    for x, y in points:
        column, row = (int(np.floor(value + 0.5)) for value in (x, y))
        top, left = max(row - _REACH, 0), max(column - _REACH, 0)
        window = np.s_[top : row + _REACH + 1, left : column + _REACH + 1]
        rows, columns = np.mgrid[window].astype(np.float32)
        rows, columns = rows[: size[0] - top, : size[1] - left], columns[: size[0] - top, : size[1] - left]
        across, down = np.float32(x) - columns, np.float32(y) - rows
        squared = across**2 + down**2
        gaussian = np.exp(-squared / (2.0 * _SIGMA**2))
        gaussian[(rows == row) & (columns == column)] = 1.0
        np.maximum(layers[0][window], gaussian, out=layers[0][window])
        near = (np.abs(rows - row) <= _NEAR) & (np.abs(columns - column) <= _NEAR) & (squared < nearest[window])
        for plane, values in enumerate((across, down, np.float32(1.0)), start=1):
            layers[plane][window] = np.where(near, values, layers[plane][window])
        nearest[window] = np.where(near, squared, nearest[window])
    return layers


def decode_centres(
    scores: NDArray[np.float32],
    offsets: NDArray[np.float32],
    threshold: float,
    value_range: float | None,
    most: int,
) -> Detections:
    """Return the peaks of a map of scores in cells (x, y), moved by their offsets, strongest first.

    A cell is a peak where none of the 24 round it is larger. Equal neighbouring peaks count as one, at their mean.

    Args:
        scores: float32 (h, w) in [0, 1].
        offsets: float32 (2, h, w), (x, y) in cells; more than two cells count as two.
        threshold: least value of a peak.
        value_range: see `irstd.labels.decode.ranked`.
        most: maximum number kept.

    Raises:
        ScoreError: the map holds NaN.
    """
    if np.isnan(scores).any() or np.isnan(offsets).any():
        raise ScoreError("the map of centres holds NaN; the network has diverged, train it again with a lower rate")
    highest = cv2.dilate(scores, np.ones((_APART, _APART), dtype=np.uint8), borderType=cv2.BORDER_REPLICATE)
    peaks = components_of((scores == highest) & reaches(scores, threshold))
    firsts = peaks.pixels[np.unique(peaks.owners, return_index=True)[1]]
    values = scores.ravel()[firsts].astype(np.float64)
    order = ranked(values, value_range, most)
    moved = np.clip(offsets.reshape(2, -1)[:, firsts[order]].T, -2.0, 2.0)
    return Detections(points=peaks.points[order] + moved, scores=values[order])
