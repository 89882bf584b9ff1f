"""A large frame in tiles, as `irstd.models.tiles`, without torch."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 1024
"""Side of what a tile puts out; its input is larger by the reach of the network on each side."""

Planes = NDArray[np.float32]
Span = tuple[int, int, int, int]
"""Where a tile's input begins and ends, and where its output does, in px of the frame."""


def in_tiles(forward: Callable[[Planes], Planes], images: Planes, reach: int, stride: int) -> Planes:
    """Return what `forward` makes of images (B, C, H, W), tile by tile: (B, planes, H / stride, W / stride).

    Args:
        forward: a network whose output at one place depends on nothing more than `reach` px away.
        images: height and width are multiples of the network's greatest stride.
        reach: px, a multiple of that.
        stride: input px an output cell.
    """
    height, width = images.shape[2:]
    if max(height, width) <= SIDE_PX + 2 * reach:
        return forward(images)
    rows = [
        np.concatenate([_tile(forward, images, down, across, stride) for across in _spans(width, reach)], axis=3)
        for down in _spans(height, reach)
    ]
    return np.concatenate(rows, axis=2)


def _spans(length: int, reach: int) -> Iterator[Span]:
    for start in range(0, length, SIDE_PX):
        end = min(start + SIDE_PX, length)
        yield max(start - reach, 0), min(end + reach, length), start, end


def _tile(forward: Callable[[Planes], Planes], images: Planes, down: Span, across: Span, stride: int) -> Planes:
    raw = forward(np.ascontiguousarray(images[:, :, down[0] : down[1], across[0] : across[1]]))
    (top, bottom), (left, right) = (
        ((start - first) // stride, (end - first) // stride) for first, _, start, end in (down, across)
    )
    return raw[:, :, top:bottom, left:right]
