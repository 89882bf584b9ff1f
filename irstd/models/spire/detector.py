"""SPIRE as a detector: one point a target. Ni et al., arXiv 2604.05363."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irstd.errors import ModelError
from irstd.frames import Placement
from irstd.labels.decode import decode_points
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.models.base import Detector, InputRule, Rules
from irstd.models.spire.network import HRPE

_STRIDE = 4
_LEAST_SIZE = 32


@dataclass(frozen=True)
class SpireSettings:
    """What may differ between one SPIRE and another.

    Attributes:
        color: `grey` (the luma three times) or `rgb` (a frame's own channels, as the authors' weights need).
        size: side of the square input in px, a multiple of 4.

    Raises:
        ModelError: a size that the network cannot take.
    """

    color: Literal["grey", "rgb"] = "grey"
    size: int = 512

    def __post_init__(self) -> None:
        if self.size < _LEAST_SIZE or self.size % _STRIDE:
            raise ModelError(f"spire: size must be a multiple of {_STRIDE} from {_LEAST_SIZE} px up, got {self.size}")


class Spire(Detector):
    """HRPE at stride 4; detections are the peaks of its map."""

    stride = _STRIDE
    target = "response"
    trained = True
    loss = "weighted_mse"
    paper = "Ni et al., SPIRE, arXiv 2604.05363 (2026)"

    def __init__(self, settings: SpireSettings) -> None:
        super().__init__(InputRule(color=settings.color, channels=3, size=settings.size))
        self.network = HRPE()

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H/4, W/4), linear, of images (B, 3, H, W) in [0, 1]."""
        return torch.as_tensor(self.network(images))

    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        """The peaks of the map in frame px; cell u stands at input pixel 4u.

        Peaks in the zeros round the frame, more than half a cell off it, are no targets of the frame [ours].
        """
        cells = decode_points(raw, rules.threshold, rules.value_range, rules.most)
        points = cells.points * self.stride
        near = np.array(placement.offset) - self.stride / 2
        far = np.array(placement.size[::-1]) - 1 - near
        on_frame = ((points >= near) & (points <= far)).all(axis=1)
        return Detections(points=placement.to_frame(points[on_frame]), scores=cells.scores[on_frame])

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """Each detection's score on the pixels of its target (HSE.md); the map itself is not read."""
        return response_from_points(frame, found)
