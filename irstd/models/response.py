"""Point detectors: the raw output is a response at stride 4, one peak a target."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irstd.frames import Placement
from irstd.labels.decode import Centre
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.models.base import Detector, InputRule
from irstd.models.decoding import Decoding
from irstd.settings.bounds import Bounds, Section


@dataclass(frozen=True)
class ResponseSettings(Section):
    """Settings of a point detector.

    Attributes:
        color: `grey` (the luma three times) or `rgb` (a frame's own channels).
        size: side of the square input in px, a multiple of what the network needs.
        centre: how a peak gets its place between cells: `quarter` as SPIRE does, or `centroid` [ours], which is nearer.
        multiple: that number of px.
    """

    multiple: ClassVar[int]

    color: Literal["grey", "rgb"] = "grey"
    size: Annotated[int, Bounds(least=32, most=4096)] = 512
    centre: Centre = "quarter"

    def _relations(self) -> dict[str, bool | str]:
        return {"size": self.size % self.multiple == 0 or f"must be a multiple of {self.multiple}, not {self.size}"}


class ResponseDetector(Detector):
    """Network at stride 4 on frames placed on a square; its detections are the peaks of the map.

    The head of SSHD-Net and SPIRE (ATLDH) is this one decoder under other `Rules`.
    """

    stride = 4
    target = "response"
    trained = True
    loss = "weighted_mse"

    def __init__(self, rule: InputRule, network: nn.Module, centre: Centre = "quarter") -> None:
        super().__init__(rule)
        self.network, self.centre = network, centre

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H/4, W/4), linear, of images (B, 3, H, W) in [0, 1]."""
        return torch.as_tensor(self.network(images))

    @property
    def decoding(self) -> Decoding:
        """The peaks of the map; cell u stands at input pixel 4u."""
        return Decoding("peaks", self.planes, self.stride, self.reach, sigmoid=False, centre=self.centre)

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """Return each detection's score on the pixels of its target; the raw map is not used."""
        return response_from_points(frame, found)
