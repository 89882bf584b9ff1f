"""Points to responses, the labels of point models."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

_LUMA = np.array([0.2989, 0.5870, 0.1140])  # SPIRE's released code; the sum of 0.9999 falls out of the last stretch
_PEAK_REACH = 5  # half of the 11 × 11 window in which the brightest pixel is looked for
_REACH = 6  # half of the 13 × 13 crop, in px, and of the pasted patch, in cells
_SIGMA = 2.0


class Response(Protocol):
    """A label function."""

    def __call__(self, image: Image, points: Points, stride: int = 4) -> NDArray[np.float32]:
        """float32 (h, w) in [0, 1] of an image (H, W) or (H, W, 3) and its points (n, 2) of (x, y) input px."""


def prps_response(image: Image, points: Points, stride: int = 4) -> NDArray[np.float32]:
    """The PRPS label, float32 (⌈H/stride⌉, ⌈W/stride⌉) in [0, 1]; no point gives zeros. SPIRE, arXiv 2604.05363.

    Three faults of the released code are not repeated (docs/methods.md): the last stretch is applied once, so peaks are
    1; a crop without contrast gives the plain Gaussian [ours]; a target at (0, 0) is a target.

    Args:
        image: uint8 (H, W) or (H, W, 3) in RGB order, as it stands on the network's input, at least 13 × 13 px.
        points: (n, 2) of (x, y) input px.
        stride: input pixels a cell.

    Raises:
        DataError: a point off the image, or an image smaller than the crop.
    """
    if min(image.shape[:2]) < 2 * _REACH + 1:
        raise DataError(f"PRPS crops 13 × 13 px, got an image of {_size(image)} px; enlarge it or label with gaussian")
    return _paste(image, points, stride, lambda point: _stretched(weighted_crop(image, point)))


def gaussian_response(
    image: Image, points: Points, stride: int = 4, sigma_cells: float = _SIGMA
) -> NDArray[np.float32]:
    """The plain Gaussian label, float32 (⌈H/stride⌉, ⌈W/stride⌉) in [0, 1]; no point gives zeros. SSHD-Net.

    Centred on the same cell as PRPS and cut at three sigma, so the two labels differ in shape only [ours].

    Args:
        image: uint8 (H, W) or (H, W, 3); only its size is read.
        points: (n, 2) of (x, y) input px.
        stride: input pixels a cell.
        sigma_cells: standard deviation in cells.

    Raises:
        DataError: a point off the image, or a sigma that is not positive.
    """
    if not sigma_cells > 0:
        raise DataError(f"sigma_cells must be positive, got {sigma_cells}")
    patch = _gaussian(int(np.ceil(3 * sigma_cells)), float(sigma_cells))
    return _paste(image, points, stride, lambda _: patch)


RESPONSES: Mapping[str, Response] = {"prps": prps_response, "gaussian": gaussian_response}


def weighted_crop(image: Image, point: Points) -> NDArray[np.float64]:
    """R of PRPS before its stretch: the 13 × 13 px round the target, from 0 to 1, times the Gaussian (steps a to c)."""
    column, row = _brightest(image, int(point[0]), int(point[1]))
    top = min(max(row - _REACH, 0), image.shape[0] - 2 * _REACH - 1)
    left = min(max(column - _REACH, 0), image.shape[1] - 2 * _REACH - 1)
    crop = image[top : top + 2 * _REACH + 1, left : left + 2 * _REACH + 1].astype(np.float64)
    low, high = crop.min(), crop.max()
    if low == high:
        return _gaussian(_REACH, _SIGMA)
    unit = (crop - low) / (high - low)
    grey: NDArray[np.float64] = unit if unit.ndim == 2 else unit @ _LUMA
    return _gaussian(_REACH, _SIGMA) * grey


def _brightest(image: Image, column: int, row: int) -> tuple[int, int]:
    """(x, y) of the brightest pixel, by luma, in the 11 × 11 window round a pixel; the first in raster order."""
    top, left = max(row - _PEAK_REACH, 0), max(column - _PEAK_REACH, 0)
    window = image[top : row + _PEAK_REACH + 1, left : column + _PEAK_REACH + 1]
    levels = window if window.ndim == 2 else window @ _LUMA
    down, right = divmod(int(levels.argmax()), levels.shape[1])
    return left + right, top + down


def _stretched(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = weighted.min(), weighted.max()
    return np.asarray((weighted - low) / (high - low), dtype=np.float64)


@cache
def _gaussian(reach: int, sigma: float) -> NDArray[np.float64]:
    profile = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2.0 * sigma**2))
    window = np.outer(profile, profile)
    window.setflags(write=False)  # shared by every call
    return window


def _paste(
    image: Image, points: Points, stride: int, patch_of: Callable[[Points], NDArray[np.float64]]
) -> NDArray[np.float32]:
    """The mean of the patches over the cells they cover, each centred on its target's cell and clipped to the map."""
    height, width = (-(-length // stride) for length in image.shape[:2])
    total = np.zeros((height, width))
    count = np.zeros((height, width))
    for point in _checked(image, points):
        patch = patch_of(np.clip(point, 0.0, (image.shape[1] - 1, image.shape[0] - 1)))
        reach = patch.shape[0] // 2
        column, row = (int(np.floor(value / stride + 0.5)) for value in point)
        top, left = max(row - reach, 0), max(column - reach, 0)
        bottom, right = min(row + reach + 1, height), min(column + reach + 1, width)
        inside = patch[top - row + reach : bottom - row + reach, left - column + reach : right - column + reach]
        total[top:bottom, left:right] += inside
        count[top:bottom, left:right] += 1.0
    return np.asarray(total / np.maximum(count, 1.0), dtype=np.float32)


def _checked(image: Image, points: Points) -> Points:
    """`points` (n, 2), all of them on the image's area, half a pixel round its outer pixel centres included."""
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    height, width = image.shape[:2]
    off = ~((points >= -0.5) & (points <= (width - 0.5, height - 0.5))).all(axis=1)
    if off.any():
        x, y = points[off][0]
        raise DataError(f"target at ({x:.1f}, {y:.1f}) lies off the image of {_size(image)} px; drop or clip it first")
    return points


def _size(image: Image) -> str:
    return f"{image.shape[1]} × {image.shape[0]}"
