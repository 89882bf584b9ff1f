"""Boxes round targets, which are loose: what counts as inside one."""

import numpy as np
from numpy.typing import NDArray

SLACK_PX = 2.0
"""A hit or a pixel may lie so far outside its box. Ours."""


def inside_boxes(points: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return bool (n, m): whether each of `points` (n, 2) px lies in each of `boxes` (m, 4) or at most 2 px outside.

    A box of x, y, width, height covers the pixels x to x + width − 1, whose outer edges are half a pixel off.
    """
    first, last = boxes[:, :2] - 0.5 - SLACK_PX, boxes[:, :2] + boxes[:, 2:] - 0.5 + SLACK_PX
    return np.asarray(((points[:, None] >= first) & (points[:, None] <= last)).all(axis=2), dtype=np.bool_)


def box_pixels(size: tuple[int, int], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return bool (H, W): the pixels of a frame of `size` (height, width) in any of `boxes` (m, 4) grown by 2 px."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    inside = np.zeros(size, dtype=np.bool_)
    for box in boxes:
        inside |= inside_boxes(np.stack([columns.ravel(), rows.ravel()], axis=1), box[None])[:, 0].reshape(size)
    return inside
