"""The ceiling of point models, which the step from points to pixels sets (docs/hse.md)."""

from collections.abc import Iterable

import numpy as np

from irstd.datasets.sample import Sample
from irstd.evaluation.truth import true_mask
from irstd.frames import map_deep
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.metrics import HSE, ScoredFrame


def ceiling(samples: Iterable[Sample]) -> HSE:
    """Score the true points of `samples`, each with score 1.

    The true points are those of the dataset: its points.csv, else the centroids of its masks. A point model learns
    them. With centroids the target part is 1, and all that HSE lacks to 100 is owed to the step from points to
    a response.

    Raises:
        DataError: a frame has no mask to be scored against.
    """
    holder = HSE()
    for sample in samples:
        holder.add(true_points_found(sample))
    return holder


def true_points_found(sample: Sample) -> ScoredFrame:
    """Return a frame in which its true points are found, and nothing else.

    Raises:
        DataError: the frame has no mask to be scored against.
    """
    return points_found(sample, Detections(points=sample.points, scores=np.ones(len(sample.points))))


def points_found(sample: Sample, found: Detections) -> ScoredFrame:
    """Return a frame in which these points are found, with the response that they become.

    Raises:
        DataError: the frame has no mask to be scored against.
    """
    response = response_from_points(map_deep(sample.frame), found)
    return ScoredFrame(sample.name, true_mask(sample), response, detections=found, frame=sample.frame)
