"""What the step from points to pixels leaves for a point model to reach."""

from collections.abc import Iterable

import numpy as np

from irstd.datasets.sample import Sample
from irstd.evaluation.scoring import true_mask
from irstd.frames import to_8bit
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.metrics import HSE, ScoredFrame


def ceiling(samples: Iterable[Sample]) -> HSE:
    """The holder of hse-1 over `samples` for a perfect point model: every true point with score 1, and nothing else.

    What it lacks to 100 is owed to the step from points to a response (HSE.md) alone, not to any detector.

    Raises:
        DataError: a frame has no mask to be scored against.
    """
    holder = HSE()
    for sample in samples:
        found = Detections(points=sample.points, scores=np.ones(len(sample.points)))
        holder.add(
            ScoredFrame(
                name=sample.name,
                truth=true_mask(sample),
                response=response_from_points(to_8bit(sample.frame), found),
                detections=found,
                frame=sample.frame,
            )
        )
    return holder
