"""The targets that a point model finds in one frame, at several confidences, with the area of each."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.labels.detections import Detections
from irstd.labels.points import Components, components_of
from irstd.labels.reaching import reaches
from irstd.metrics.layers import Found


def found_by_points(
    response: NDArray[np.float32], confidences: NDArray[np.float32], named: Sequence[Detections]
) -> Found:
    """Return the detections `named` at each confidence, each with its part of the pixels that reach the confidence."""
    top, left, box = _lit(response, confidences.min())
    layers: dict[tuple[int, bytes, bytes], tuple[Detections, NDArray[np.int64]]] = {}
    keys = []
    for confidence, detections in zip(confidences, named, strict=True):
        above = reaches(box, confidence)
        keys.append((int(np.count_nonzero(above)), detections.points.tobytes(), detections.scores.tobytes()))
        if keys[-1] not in layers:
            layers[keys[-1]] = detections, owned(detections.points - (left, top), above)
    order = list(layers)
    return Found(
        points=np.concatenate([each.points for each, _ in layers.values()]),
        areas=np.concatenate([areas for _, areas in layers.values()]),
        scores=np.concatenate([each.scores for each, _ in layers.values()]),
        layers=np.repeat(np.arange(len(layers)), [len(each) for each, _ in layers.values()]),
        places=np.array([order.index(key) for key in keys]),
    )


def owned(points: NDArray[np.float64], above: NDArray[np.bool_]) -> NDArray[np.int64]:
    """int64 (m,): the area in px of `above`, bool (H, W), that belongs to each of the detections' `points`, (x, y) px.

    That is the component that holds the detection's nearest pixel. Detections that share a component share its pixels:
    each pixel goes to the nearest of them, the stronger one where two are equally near. So a false alarm that touches
    a hit is charged with its own pixels only. A detection without a pixel counts 1 px. [ours]
    """
    parts = components_of(above)
    owner = _component_under(points, parts, above.shape)
    areas = np.ones(len(points), dtype=np.int64)
    for component in np.unique(owner[owner >= 0]):
        members = np.flatnonzero(owner == component)
        if len(members) == 1:
            areas[members] = parts.areas[component]
        else:
            shares = _shares(parts.pixels[parts.owners == component], points[members], above.shape[1])
            areas[members] = np.maximum(shares, 1)
    return areas


def _lit(response: NDArray[np.float32], lowest: np.float32) -> tuple[int, int, NDArray[np.float32]]:
    """Top, left and values (h, w) of the box of all pixels that reach `lowest`; most frames are dark outside it."""
    left, top, width, height = cv2.boundingRect(reaches(response, lowest).view(np.uint8))
    return top, left, response[top : top + height, left : left + width]


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
