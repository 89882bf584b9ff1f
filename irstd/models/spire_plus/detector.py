"""SPIRE-plus as a detector: frames at their own scale, centres from one map, pixels from another. Ours."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from irstd.frames import Placement
from irstd.labels.centres import PIXELS
from irstd.labels.detections import Detections
from irstd.models.base import Detector, InputRule
from irstd.models.decoding import Decoding, sigmoid
from irstd.models.entry import DetectorEntry
from irstd.models.spire_plus.network import OUTPUTS, REACH_PX, PlusNetwork

_MULTIPLE = 16
_MEAN, _STD = 0.42, 0.2  # of grey levels in [0, 1], about those of infrared frames; constants, not of a dataset


@dataclass(frozen=True)
class SpirePlusSettings:
    """Settings of the SPIRE-plus detector.

    Attributes:
        color: `grey`, the luma: infrared frames have no other.
    """

    color: Literal["grey"] = "grey"


class SpirePlus(Detector):
    """`PlusNetwork` on frames at their own size; detections are the peaks of its map of centres."""

    stride = 2
    target = "both"
    planes = OUTPUTS
    reach = REACH_PX
    trained = True
    loss = "centre_mask"
    paper = "ours (docs/methods.md)"

    def __init__(self, settings: SpirePlusSettings) -> None:
        super().__init__(InputRule(settings.color, channels=1, size=None, multiple=_MULTIPLE, deep="local"))
        self.network = PlusNetwork()

    def forward(self, images: Tensor) -> Tensor:
        """(B, 7, H/2, W/2) of images (B, 1, H, W) in [0, 1]: four pixels a cell, its centre, (x, y) of its offset."""
        return torch.as_tensor(self.network((images - _MEAN) / _STD))

    @property
    def decoding(self) -> Decoding:
        """The peaks of the map of centres."""
        return Decoding("centres", self.planes, self.stride, self.reach, sigmoid=True)

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The probability of each pixel of the frame (H, W) to be a target's."""
        height, width = frame.shape[:2]
        pixels = F.pixel_shuffle(torch.from_numpy(raw[None, :PIXELS]), self.stride)[0, 0].numpy()
        return sigmoid(pixels[:height, :width])


ENTRY = DetectorEntry("spire-plus", SpirePlus, SpirePlusSettings, SpirePlus.loss, SpirePlus.paper)
