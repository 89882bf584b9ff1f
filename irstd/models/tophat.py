"""The white top-hat, an untrained baseline: it responds to what is small and brighter than its surroundings."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from irstd.frames import Placement
from irstd.labels.detections import Detections
from irstd.models.base import Detector, InputRule
from irstd.models.decoding import Decoding
from irstd.models.entry import DetectorEntry
from irstd.settings.bounds import Bounds, Positive, Section

# The rounding noise of an 8-bit frame, so that a frame without any other noise has a scale too.
_LEAST_NOISE = 1.0 / 255.0 / 12.0**0.5


@dataclass(frozen=True)
class TopHatSettings(Section):
    """Settings of the top-hat.

    Attributes:
        kernel: side of the structuring square in px, odd; larger structures count as background.
        half_snr: the top-hat, in units of the frame's own noise, that gives a response of 0.5.
    """

    kernel: Annotated[int, Bounds(least=3, most=255)] = 9
    half_snr: Positive = 40.0

    def _relations(self) -> dict[str, bool | str]:
        return {"kernel": self.kernel % 2 == 1 or f"must be odd, not {self.kernel}"}


class TopHat(Detector):
    """t = image − opening; response = t / (t + half_snr · s), s the mean of t over the frame. Ours.

    The mean, not the median: most pixels of a clean 8-bit frame have a top-hat of 0, and targets are too small to
    move the mean.
    """

    stride = 1
    target = "mask"
    trained = False
    loss = None
    paper = "white top-hat by a square (Serra 1982); its scaling to [0, 1] is ours"

    def __init__(self, settings: TopHatSettings) -> None:
        # At multiple 1 nothing is padded, so no border of zeros can look like a target.
        super().__init__(InputRule(color="grey", channels=1, size=None, multiple=1, deep="local"))
        self.settings = settings

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H, W) in [0, 1) of images (B, 1, H, W) in [0, 1]."""
        height = images - _opening(images, self.settings.kernel)
        noise = height.mean(dim=(1, 2, 3), keepdim=True).clamp_min(_LEAST_NOISE)
        return height / (height + self.settings.half_snr * noise)

    @property
    def decoding(self) -> Decoding:
        """The components of the response."""
        return Decoding("components", self.planes, self.stride, self.reach, sigmoid=False)

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The raw output itself: it has the frame's size and lies in [0, 1]."""
        return raw


def _opening(images: Tensor, kernel: int) -> Tensor:
    """Return the grey opening (B, 1, H, W) by a square; border pixels are repeated outward.

    So a slope at the border is not a target. A target that fills the corner is lost: repeated outward it becomes as
    large as the square.
    """
    reach = kernel - 1
    padded = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    eroded = -F.max_pool2d(-padded, kernel, stride=1)
    return torch.as_tensor(F.max_pool2d(eroded, kernel, stride=1))


ENTRY = DetectorEntry("tophat", TopHat, TopHatSettings, TopHat.loss, TopHat.paper)
