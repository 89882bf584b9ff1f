"""Responses to detections, for mask models: components of the response."""

import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.decode import ranked
from irstd.labels.detections import Detections
from irstd.labels.points import components_of
from irstd.labels.reaching import reaches


def detections_from_response(
    response: NDArray[np.float32], threshold: float, value_range: float | None, most: int
) -> Detections:
    """One detection for each 8-connected component of `response >= threshold`, strongest first (docs/hse.md).

    The point is the unweighted mean of the component's pixels, the score the largest response inside.

    Args:
        response: float32 (H, W) in [0, 1].
        threshold: least response of a component's pixels.
        value_range: see `irstd.labels.decode.ranked`.
        most: at most so many.

    Raises:
        ScoreError: the response is not (H, W), holds NaN or leaves [0, 1].
    """
    if response.ndim != 2:
        raise ScoreError(f"a response must be (H, W), got shape {response.shape}; pass one frame and one channel")
    if response.size and not (response.min() >= 0.0 and response.max() <= 1.0):  # false for NaN too
        raise ScoreError(
            f"a response must lie in [0, 1], got {response.min():.3g} to {response.max():.3g}; clip it or put it "
            "through a sigmoid first"
        )
    components = components_of(reaches(response, threshold))
    scores = np.zeros(len(components.areas))
    np.maximum.at(scores, components.owners, response.ravel()[components.pixels].astype(np.float64))
    order = ranked(scores, value_range, most)
    return Detections(points=components.points[order], scores=scores[order])
