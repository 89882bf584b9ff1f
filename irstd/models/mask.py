"""Mask detectors: the raw output is a map of logits at the input's size."""

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Placement
from irstd.labels.components import detections_from_response
from irstd.labels.detections import Detections
from irstd.models.base import Detector, Rules


class MaskDetector(Detector):
    """Detector whose response is the sigmoid of its logits; detections are the components of the response."""

    stride = 1
    target = "mask"
    trained = True

    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        """The components of the response on the frame from the threshold up, in frame px."""
        height, width = placement.frame
        found = detections_from_response(sigmoid(raw[:height, :width]), rules.threshold, rules.value_range, rules.most)
        return Detections(points=placement.to_frame(found.points), scores=found.scores)

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The sigmoid of the logits on the frame (H, W)."""
        height, width = frame.shape[:2]
        return sigmoid(raw[:height, :width])


def sigmoid(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 in [0, 1] for any logits; an overflow of e^x gives a correct 0."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-raw, dtype=np.float32)), dtype=np.float32)
