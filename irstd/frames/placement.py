"""The place of a frame on a network's input, and points mapped there and back."""

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
        frame: (height, width) of the frame in px.
    """

    scale: tuple[float, float]
    offset: tuple[float, float]
    size: tuple[int, int]
    frame: tuple[int, int]

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

    The corner pixels go to (pw, ph), (size−1−pw, ph) and (pw, size−1−ph) with pw, ph half the free space; the corners
    are rounded to float32 first, as there, so that the placed images agree byte for byte.
    """
    shrink = min(size / height, size / width)
    pad_x, pad_y = (size - width * shrink) / 2.0, (size - height * shrink) / 2.0
    if min(height, width) == 1:  # its corners are no triangle
        spans = ((width, pad_x), (height, pad_y))
        scales = [(size - 1 - 2 * pad) / (length - 1) if length > 1 else shrink for length, pad in spans]
        return Placement((scales[0], scales[1]), (pad_x, pad_y), (size, size), (height, width))
    corners = np.array([[0, 0], [width - 1, 0], [0, height - 1]], dtype=np.float32)
    placed = np.array([[pad_x, pad_y], [size - 1 - pad_x, pad_y], [pad_x, size - 1 - pad_y]], dtype=np.float32)
    matrix = cv2.getAffineTransform(corners, placed)
    scale, offset = (float(matrix[0, 0]), float(matrix[1, 1])), (float(matrix[0, 2]), float(matrix[1, 2]))
    return Placement(scale, offset, (size, size), (height, width))


def place_native(height: int, width: int, multiple: int) -> Placement:
    """A frame at its own size, padded with zeros at right and bottom to a multiple of `multiple` px."""
    size = (-(-height // multiple) * multiple, -(-width // multiple) * multiple)
    return Placement((1.0, 1.0), (0.0, 0.0), size, (height, width))
