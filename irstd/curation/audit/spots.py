"""Contrast and rank of labelled places in their frame, by which labels of something else are found."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames import Frame, without_background
from irstd.labels.contrast import grey_levels

# Sides in px of the squares that are compared: a spot, and the ring around it. [ours]
_SPOT, _INNER, _OUTER = 3, 9, 23
_REACH = 2  # px by which a point may miss its target's brightest spot
_SEARCH = 12  # px around a point in which the strongest spot is looked for
_ROWS = 256  # of a large frame looked at at once; limits the memory
_FLAT = 1e-6  # grey levels; below it a spread or a difference is rounding


@dataclass(frozen=True)
class Spots:
    """The places of a frame's n labels.

    Attributes:
        contrasts: float64 (n,), the highest contrast of a 3×3 px spot within 2 px, in standard deviations of the ring
            around it; NaN outside the frame.
        ranks: float64 (n,), the share of the frame's pixels with a lower one: around 0.5 for places taken at random.
        swapped: float64 (n,), the ranks at (y, x).
        offsets: float64 (n, 2), (x, y) px from each point to the strongest spot within 12 px.
    """

    contrasts: NDArray[np.float64]
    ranks: NDArray[np.float64]
    swapped: NDArray[np.float64]
    offsets: NDArray[np.float64]

    @classmethod
    def of(cls, frame: Frame, points: NDArray[np.float64]) -> "Spots":
        """Look at `points` (n, 2) of (x, y) px of `frame`."""
        if not len(points):
            none = np.zeros(0)
            return cls(none, none, none, np.zeros((0, 2)))
        spots = spot_contrasts(without_background(frame))
        near = np.asarray(cv2.dilate(spots, np.ones((2 * _REACH + 1,) * 2, np.uint8)), dtype=np.float32)
        contrasts, swapped = _values(near, points), _values(near, points[:, ::-1])
        ordered = np.sort(near, axis=None)
        return cls(contrasts, _ranks(ordered, contrasts), _ranks(ordered, swapped), _offsets(spots, points))


def spot_contrasts(frame: NDArray[Any]) -> NDArray[np.float32]:
    """Return float32 (H, W): |mean of the 3×3 px at a pixel − mean of the ring of 9 to 23 px| in the ring's σ. Ours.

    Flat rings give inf, or 0 where the spot does not differ.
    """
    margin = _OUTER // 2
    parts = []
    for top in range(0, frame.shape[0], _ROWS):
        first = max(top - margin, 0)
        strip = _strip(grey_levels(frame[first : top + _ROWS + margin]))
        parts.append(strip[top - first : top - first + _ROWS].astype(np.float32))
    return np.concatenate(parts)


def _strip(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    grey = grey - grey.mean()
    one = np.ones_like(grey)
    count = np.maximum(_sums(one, _OUTER) - _sums(one, _INNER), 1)
    mean = (_sums(grey, _OUTER) - _sums(grey, _INNER)) / count
    spread = np.sqrt(np.maximum((_sums(grey**2, _OUTER) - _sums(grey**2, _INNER)) / count - mean**2, 0))
    difference = np.abs(_sums(grey, _SPOT) / _sums(one, _SPOT) - mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference > _FLAT, difference / spread, 0.0)


def _sums(levels: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    return np.asarray(cv2.boxFilter(levels, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT))


def _values(levels: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the levels at `points`, NaN outside the frame."""
    columns, rows = np.rint(np.nan_to_num(points, nan=-1, posinf=-1, neginf=-1)).T
    inside = (columns >= 0) & (rows >= 0) & (columns < levels.shape[1]) & (rows < levels.shape[0])
    values = np.full(len(points), np.nan)
    values[inside] = levels[rows[inside].astype(np.int64), columns[inside].astype(np.int64)]
    return values


def _ranks(ordered: NDArray[np.float32], values: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.searchsorted(ordered, values, side="left") / len(ordered)
    return np.where(np.isnan(values), np.nan, ranks)


def _offsets(spots: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = spots.shape
    centres = np.clip(np.rint(points), 0, (width - 1, height - 1)).astype(np.int64)
    offsets = np.zeros((len(points), 2))
    for index, (x, y) in enumerate(centres):
        left, top = max(x - _SEARCH, 0), max(y - _SEARCH, 0)
        part = spots[top : y + _SEARCH + 1, left : x + _SEARCH + 1]
        row, column = np.unravel_index(int(part.argmax()), part.shape)
        offsets[index] = left + column - x, top + row - y
    return offsets
