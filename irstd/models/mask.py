"""Mask detectors: the raw output is a map of logits at the input's size."""

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Placement
from irstd.labels.detections import Detections
from irstd.models.base import Detector
from irstd.models.decoding import Decoding, sigmoid


class MaskDetector(Detector):
    """Detector whose response is the sigmoid of its logits; detections are the components of the response."""

    stride = 1
    target = "mask"
    trained = True

    @property
    def decoding(self) -> Decoding:
        """The components of the sigmoid."""
        return Decoding("components", self.planes, self.stride, self.reach, sigmoid=True)

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The sigmoid of the logits on the frame (H, W)."""
        height, width = frame.shape[:2]
        return sigmoid(raw[:height, :width])
