"""Masks to points: one a target."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError


@dataclass(frozen=True)
class Components:
    """The 8-connected components of a mask, in raster order of their first pixels.

    Attributes:
        points: float64 (n, 2) of (x, y) px, the unweighted means of their pixel coordinates.
        areas: int64 (n,) of px.
        pixels: int64 (p,) flat indices of all component pixels, in raster order.
        owners: int64 (p,) the component each of them belongs to, 0 to n − 1.
    """

    points: NDArray[np.float64]
    areas: NDArray[np.int64]
    pixels: NDArray[np.int64]
    owners: NDArray[np.int64]


def components_of(mask: NDArray[np.bool_]) -> Components:
    """The components of `mask`, bool (H, W); none gives arrays of length 0.

    Raises:
        DataError: the mask is not two-dimensional.
    """
    if mask.ndim != 2:
        raise DataError(f"a mask must be (H, W), got shape {mask.shape}; merge its channels first")
    if mask.size == 0 or not mask.any():
        none = np.zeros(0, dtype=np.int64)
        return Components(points=np.zeros((0, 2)), areas=none, pixels=none, owners=none)
    _, labels = cv2.connectedComponents(np.ascontiguousarray(mask, dtype=np.uint8), connectivity=8, ltype=cv2.CV_32S)
    pixels = np.flatnonzero(mask)
    # OpenCV numbers components by blocks of pixels; number them by first pixel instead.
    _, first, which = np.unique(labels.ravel()[pixels], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    owners = rank[which]
    areas = np.bincount(owners)
    rows, columns = np.divmod(pixels, mask.shape[1])
    points = np.stack([np.bincount(owners, weights=axis) / areas for axis in (columns, rows)], axis=1)
    return Components(points=points, areas=areas, pixels=pixels, owners=owners)


def points_from_mask(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The centroids (n, 2) of (x, y) px of the 8-connected components of `mask`, in raster order of first pixels.

    Unweighted means of pixel coordinates; an empty mask gives (0, 2).

    Raises:
        DataError: the mask is not two-dimensional.
    """
    return components_of(mask).points
