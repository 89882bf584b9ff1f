"""Where a frame stands on a network's input, and how points go there and back."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Placement:
    """An axis-aligned affine map from frame pixels to input pixels: input = scale · frame + offset, per axis.

    Attributes:
        scale: (x, y) input pixels a frame pixel.
        offset: (x, y) input px of the frame's origin.
        size: (height, width) of the input in px.
    """

    scale: tuple[float, float]
    offset: tuple[float, float]
    size: tuple[int, int]

    def to_input(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """`points` (n, 2) of (x, y) frame px, in input px."""
        return np.asarray(points, dtype=np.float64) * self.scale + self.offset

    def to_frame(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """`points` (n, 2) of (x, y) input px, in frame px."""
        return (np.asarray(points, dtype=np.float64) - self.offset) / self.scale

    def warp(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`frame` (h, w[, 3]) on the input: linear interpolation, zeros outside."""
        matrix = np.array([[self.scale[0], 0.0, self.offset[0]], [0.0, self.scale[1], self.offset[1]]])
        height, width = self.size
        return np.asarray(cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def place_square(height: int, width: int, size: int) -> Placement:
    """A frame centred on a square of `size` px, aspect kept, zeros round it (SPIRE, released code).

    The corner pixels go to (pw, ph), (size−1−pw, ph) and (pw, size−1−ph) with pw, ph half the free space.
    """
    shrink = min(size / height, size / width)
    padding = ((size - width * shrink) / 2.0, (size - height * shrink) / 2.0)
    spans = ((width, padding[0]), (height, padding[1]))
    scale_x, scale_y = ((size - 1 - 2 * pad) / (length - 1) if length > 1 else shrink for length, pad in spans)
    return Placement(scale=(scale_x, scale_y), offset=padding, size=(size, size))


def place_native(height: int, width: int, multiple: int) -> Placement:
    """A frame at its own size, padded with zeros at right and bottom to a multiple of `multiple` px."""
    size = (-(-height // multiple) * multiple, -(-width // multiple) * multiple)
    return Placement(scale=(1.0, 1.0), offset=(0.0, 0.0), size=size)
