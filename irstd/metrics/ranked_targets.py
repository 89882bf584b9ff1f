"""Targets of one frame by rank, for hse-2: found and true targets matched at each level of the frame's own."""

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.labels.detections import Detections
from irstd.labels.points import components_of
from irstd.metrics.layers import found_in_response
from irstd.metrics.matching import Near, best, distances, limit, matched, near
from irstd.metrics.steps import Steps
from irstd.metrics.thresholds import DISTANCES_PX

# Maxima whose values are the levels of a frame of a mask model. Ours.
MOST_MAXIMA = 32


def component_steps(response: NDArray[np.float32], truth: NDArray[np.float64]) -> Steps:
    """Pairs within 1 to 5 px and found targets of a mask model: components of the response at `maxima_levels`.

    Args:
        response: (H, W) in [0, 1].
        truth: (n, 2) of (x, y) px, the centroids of the true targets.
    """
    levels = maxima_levels(response)
    if not len(levels):
        return Steps.none(len(DISTANCES_PX) + 1)
    found = found_in_response(response, levels)
    pairs = near(truth, found.points, found.layers, DISTANCES_PX[-1])
    hits = _pairs(pairs, len(found.points), int(found.places.max()) + 1)[found.places]
    return Steps.of_counts(levels, np.column_stack([hits, found.sums(np.ones_like(found.areas))]))


def peak_steps(peaks: Detections, truth: NDArray[np.float64]) -> Steps:
    """The same of a point model, whose `peaks` of equal score, as float32, enter together."""
    rising, places = np.unique(peaks.scores.astype(np.float32), return_inverse=True)
    many, rank = len(rising), len(rising) - 1 - places
    pairs = near(truth, peaks.points, rank, DISTANCES_PX[-1])
    # A peak is found from its own level down: in each of these layers it is another found target.
    below = many - pairs.layers
    layers = np.arange(below.sum()) - np.repeat(below.cumsum() - many, below)
    pairs = pairs[np.repeat(np.arange(len(below)), below)]
    pairs = Near(pairs.true, pairs.found + layers * len(peaks), pairs.offsets, layers)
    found = np.bincount(rank, minlength=many).cumsum()
    return Steps.of_counts(rising[::-1].copy(), np.column_stack([_pairs(pairs, len(peaks) * many, many), found]))


def within_5px(steps: Steps) -> Steps:
    """Keep the pairs within 5 px and the found targets of `steps` of targets."""
    return Steps(steps.levels, steps.changes[:, -2:])


def maxima_levels(response: NDArray[np.float32]) -> NDArray[np.float32]:
    """The values, strictly falling, of the 32 highest local maxima of a response (H, W).

    A pixel is a maximum where none of its eight neighbours is larger; connected ones, a plateau, are one. The least
    value of the frame has no maximum, unless the frame is constant.
    """
    highest = cv2.dilate(response, np.ones((3, 3), dtype=np.uint8), borderType=cv2.BORDER_REPLICATE)
    lowest = response.min()
    if lowest == response.max():
        return np.array([lowest], dtype=np.float32)
    maximal = (response == highest) & (response > lowest)
    values, most = response[maximal], MOST_MAXIMA
    while True:  # one turn, unless the highest are plateaus: labelling every maximum of a noisy frame is slow
        all_in = most >= len(values)
        least = lowest if all_in else np.partition(values, len(values) - most)[len(values) - most]
        parts = components_of(maximal & (response >= least))
        if all_in or len(parts.areas) >= MOST_MAXIMA:
            break
        most *= 4
    peaks = response.ravel()[parts.pixels[np.unique(parts.owners, return_index=True)[1]]]
    return np.unique(np.sort(peaks)[-MOST_MAXIMA:])[::-1].copy()


def _pairs(pairs: Near, found: int, layers: int) -> NDArray[np.int64]:
    """int64 (layers, 5): the most pairs of each layer within 1 to 5 px; `found`: the number of found targets."""
    apart, choose = distances(pairs.offsets), partial(best, areas=np.ones(found, dtype=np.int64))
    within = [pairs[apart <= limit(distance)] for distance in DISTANCES_PX]
    hits = [np.bincount(each.layers[matched(each, choose)], minlength=layers) for each in within]
    return np.stack(hits, axis=1)
