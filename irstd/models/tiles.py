"""A large frame in tiles, to the same output as in one piece. Ours."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 1024
"""Side of what a tile puts out; its input is larger by the reach of the network on each side."""

Planes = NDArray[np.float32]
Span = tuple[int, int, int, int]
"""Where a tile's input begins and ends, and where its output does, in px of the frame."""


def in_tiles(
    forward: Callable[[Planes], Planes], images: Planes, reach: int, stride: int, side: int = SIDE_PX
) -> Planes:
    """Return what `forward` makes of images (B, C, H, W), tile by tile: (B, planes, H / stride, W / stride).

    Tiles begin at multiples of `side` less `reach`, and keep the network's strides in step if both are multiples of the
    greatest one. A frame that fits into one tile goes through in one piece.

    Args:
        forward: a network whose output at one place depends on nothing more than `reach` px away.
        images: height and width are multiples of the network's greatest stride.
        reach: px.
        stride: input px an output cell.
        side: px of a tile's output.
    """
    height, width = images.shape[2:]
    if max(height, width) <= side + 2 * reach:
        return forward(images)
    whole: Planes | None = None
    for first, last, top, bottom in _spans(height, side, reach):
        for before, behind, left, right in _spans(width, side, reach):
            raw = forward(np.ascontiguousarray(images[:, :, first:last, before:behind]))
            if whole is None:
                whole = np.empty((*raw.shape[:2], height // stride, width // stride), dtype=raw.dtype)
            rows = slice((top - first) // stride, (bottom - first) // stride)
            columns = slice((left - before) // stride, (right - before) // stride)
            whole[:, :, top // stride : bottom // stride, left // stride : right // stride] = raw[:, :, rows, columns]
    assert whole is not None  # there is a tile
    return whole


def _spans(length: int, side: int, reach: int) -> Iterator[Span]:
    for start in range(0, length, side):
        end = min(start + side, length)
        yield max(start - reach, 0), min(end + reach, length), start, end
