"""A large frame in tiles, to the same output as in one piece. Ours."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

SIDE_PX = 1024
"""Side of what a tile puts out; its input is larger by the reach of the network on each side."""


def in_tiles(
    forward: Callable[[Tensor], Tensor], images: Tensor, reach: int, stride: int, side: int = SIDE_PX
) -> Tensor:
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
    rows = [
        torch.cat([_tile(forward, images, y, x, stride) for x in _spans(width, side, reach)], dim=3)
        for y in _spans(height, side, reach)
    ]
    return torch.cat(rows, dim=2)


Span = tuple[int, int, int, int]
"""Where a tile's input begins and ends, and where its output does, in px of the frame."""


def _spans(length: int, side: int, reach: int) -> Iterator[Span]:
    for start in range(0, length, side):
        end = min(start + side, length)
        yield max(start - reach, 0), min(end + reach, length), start, end


def _tile(forward: Callable[[Tensor], Tensor], images: Tensor, down: Span, across: Span, stride: int) -> Tensor:
    raw = forward(images[:, :, down[0] : down[1], across[0] : across[1]])
    (top, bottom), (left, right) = (
        ((start - first) // stride, (end - first) // stride) for first, _, start, end in (down, across)
    )
    return raw[:, :, top:bottom, left:right]
