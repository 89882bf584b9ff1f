"""The pose of a crop: an affine map from frame pixels to crop pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames import Placement

MARGIN_PX = 12  # PRPS looks 11 px round its point; nearer to the border its label would be another one [ours]


@dataclass(frozen=True)
class Pose:
    """A window on the network's input, zoomed, then rotated, then mirrored, then transposed.

    Attributes:
        placement: placement of the frame on the network's input.
        zoom: crop pixels an input pixel.
        start: (x, y) of the window's first pixel, in px of the zoomed input; whole numbers, so that a crop at zoom 1
            has exactly the pixels that the network sees at inference.
        size: (height, width) of the crop in px.
        mirror: along (x, y).
        transpose: swap x and y; square crops only.
        turn: degrees, from x towards y.
        pivot: (x, y) in px of the unrotated crop, the fixed point of the rotation.
    """

    placement: Placement
    zoom: float
    start: tuple[int, int]
    size: tuple[int, int]
    mirror: tuple[bool, bool] = (False, False)
    transpose: bool = False
    turn: float = 0.0
    pivot: tuple[float, float] = (0.0, 0.0)

    @property
    def identity(self) -> bool:
        """True if the crop is the whole input, unchanged."""
        moved = any(self.start) or any(self.mirror) or self.transpose or self.turn
        return self.size == self.placement.size and self.zoom == 1.0 and not moved

    def matrix(self) -> NDArray[np.float64]:
        """Return (2, 3): crop (x, y) = matrix · (frame x, frame y, 1)."""
        rows = np.zeros((2, 3))
        for axis in (0, 1):
            rows[axis, axis] = self.zoom * self.placement.scale[axis]
            rows[axis, 2] = self.zoom * self.placement.offset[axis] - self.start[axis]
        if self.turn:
            rows = self._turned(rows)
        for axis, length in enumerate((self.size[1], self.size[0])):
            if self.mirror[axis]:
                rows[axis] = -rows[axis]
                rows[axis, 2] += length - 1
        return rows[::-1].copy() if self.transpose else rows

    def _turned(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        angle = np.deg2rad(self.turn)
        turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        found = turn @ rows
        found[:, 2] += np.array(self.pivot) - turn @ np.array(self.pivot)
        return found

    def move(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map `points` (n, 2) of (x, y) frame px to crop px."""
        matrix = self.matrix()
        return np.asarray(points, dtype=np.float64) @ matrix[:, :2].T + matrix[:, 2]

    def inside(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Keep the `points` (n, 2) of (x, y) crop px that round to a pixel of the crop.

        A target whose centre lies outside is dropped even if part of it shows: its centre cannot be regressed.
        """
        height, width = self.size
        keep = ((points >= -0.5) & (points < (width - 0.5, height - 0.5))).all(axis=1)
        return points[keep]

    def warp(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the crop of a frame's levels (h, w[, 3]): linear interpolation, zeros outside, as at inference."""
        return self._warp(levels, cv2.INTER_LINEAR)

    def warp_mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the crop of a frame's mask (h, w): nearest pixel, false outside."""
        return self._warp(mask.astype(np.uint8), cv2.INTER_NEAREST) > 0

    def _warp(self, image: NDArray[np.uint8], interpolation: int) -> NDArray[np.uint8]:
        height, width = self.size
        return np.asarray(cv2.warpAffine(image, self.matrix(), (width, height), flags=interpolation), dtype=np.uint8)


def window_at_centre(canvas: tuple[float, float], size: tuple[int, int]) -> tuple[int, int]:
    """Return (x, y) of the first pixel of a window in the middle of a canvas whose last pixel is at `canvas` (x, y)."""
    x, y = (round((last - (length - 1)) / 2) for last, length in zip(canvas, size[::-1], strict=True))
    return x, y


def window_start(
    random: np.random.Generator, canvas: tuple[float, float], size: tuple[int, int], near: NDArray[np.float64] | None
) -> tuple[int, int]:
    """Draw (x, y) of a window's first pixel uniformly on a canvas whose last pixel is at `canvas` (x, y).

    The window lies on the canvas, or contains it if it is larger. With `near`, a point (x, y) of the canvas, the window
    contains that point at least `MARGIN_PX` from its edge; a point near the canvas's edge lies as far inside as
    possible.
    """
    starts = []
    for axis, length in enumerate((size[1], size[0])):
        room = int(np.ceil(canvas[axis])) + 1 - length
        low, high = min(0, room), max(0, room)
        if near is not None:
            margin = min(MARGIN_PX, (length - 1) // 2 - 1)  # a small window has the point at its centre
            least = int(np.ceil(near[axis])) - (length - 1 - margin)
            most = int(np.floor(near[axis])) - margin
            low, high = (int(np.clip(bound, low, high)) for bound in (least, max(least, most)))
        starts.append(int(random.integers(low, high + 1)))
    return starts[0], starts[1]
