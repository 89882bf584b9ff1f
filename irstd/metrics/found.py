"""The targets that a detector reports in one frame at one confidence, with the pixels each of them lights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.labels.detections import Detections
from irstd.labels.points import Components, components_of


@dataclass(frozen=True)
class Found:
    """Found targets.

    Attributes:
        points: float64 (m, 2) of (x, y) px.
        areas: int64 (m,) of px.
        scores: float64 (m,) in [0, 1].
    """

    points: NDArray[np.float64]
    areas: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)


def found_in_response(response: NDArray[np.float32], above: NDArray[np.bool_]) -> Found:
    """Mask models: the 8-connected components of `above`, bool (H, W); a score is the largest response inside."""
    parts = components_of(above)
    scores = np.zeros(len(parts.areas))
    np.maximum.at(scores, parts.owners, response.ravel()[parts.pixels])
    return Found(points=parts.points, areas=parts.areas, scores=scores)


def found_by_points(detections: Detections, above: NDArray[np.bool_]) -> Found:
    """Point models: the detections themselves, with the part of `above`, bool (H, W), that is theirs.

    That is the component that holds the detection's nearest pixel. Detections that share a component share its pixels:
    each pixel goes to the nearest of them, the stronger one where two are equally near. So a false alarm that touches
    a hit is charged with its own pixels only. A detection without a pixel counts 1 px. [ours]
    """
    parts = components_of(above)
    owner = _component_under(detections.points, parts, above.shape)
    areas = np.ones(len(detections), dtype=np.int64)
    for component in np.unique(owner[owner >= 0]):
        members = np.flatnonzero(owner == component)
        if len(members) == 1:
            areas[members] = parts.areas[component]
        else:
            shares = _shares(parts.pixels[parts.owners == component], detections.points[members], above.shape[1])
            areas[members] = np.maximum(shares, 1)
    return Found(points=detections.points, areas=areas, scores=detections.scores)


def _component_under(points: NDArray[np.float64], parts: Components, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """int64 (m,): the component at each point's nearest pixel; −1 where there is none or the point lies outside."""
    owner = np.full(len(points), -1, dtype=np.int64)
    if not len(parts.pixels):
        return owner
    columns, rows = np.floor(points + 0.5).astype(np.int64).T
    inside = (columns >= 0) & (columns < shape[1]) & (rows >= 0) & (rows < shape[0])
    pixels = rows * shape[1] + columns
    place = np.minimum(np.searchsorted(parts.pixels, pixels), len(parts.pixels) - 1)
    lit = inside & (parts.pixels[place] == pixels)
    owner[lit] = parts.owners[place[lit]]
    return owner


def _shares(pixels: NDArray[np.int64], points: NDArray[np.float64], width: int) -> NDArray[np.int64]:
    """int64 (m,): how many of the flat `pixels` lie nearest to each point."""
    rows, columns = np.divmod(pixels, width)
    apart = np.hypot(columns[:, None] - points[:, 0], rows[:, None] - points[:, 1])
    return np.bincount(apart.argmin(axis=1), minlength=len(points))
