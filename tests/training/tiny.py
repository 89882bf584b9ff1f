"""A detector of two convolutions and frames of a few targets, to train within a second."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from irstd.datasets.sample import Sample
from irstd.frames import Placement
from irstd.labels.detections import Detections
from irstd.models.base import Detector, InputRule, Rules
from irstd.training.config import FitConfig
from irstd.training.device import seeded


class TinyResponse(Detector):
    """Two convolutions, BatchNorm and dropout to a stride-4 response."""

    stride: ClassVar[int] = 4
    target: ClassVar[Literal["response", "mask"]] = "response"
    trained: ClassVar[bool] = True
    loss = "weighted_mse"
    paper = "none"

    def __init__(self, rule: InputRule | None = None) -> None:
        super().__init__(rule or InputRule(channels=1, size=64))
        self.body = nn.Sequential(
            nn.Conv2d(self.input.channels, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Dropout2d(0.1),
            nn.Conv2d(8, 1, 3, stride=self.stride // 2 or 1, padding=1),
        )

    def forward(self, images: Tensor) -> Tensor:
        raw: Tensor = self.body(images)
        return raw

    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        return Detections.none()

    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        return np.zeros(frame.shape[:2], dtype=np.float32)


class TinyMask(TinyResponse):
    """The same at stride 1, to a mask."""

    stride: ClassVar[int] = 1
    target: ClassVar[Literal["response", "mask"]] = "mask"

    def __init__(self, rule: InputRule | None = None) -> None:
        super().__init__(rule)
        self.body = nn.Sequential(nn.Conv2d(self.input.channels, 1, 3, padding=1))


def blob(height: int, width: int, points: NDArray[np.float64], sigma: float = 1.5) -> NDArray[np.uint8]:
    """A dark frame with a round bright spot at each point (x, y)."""
    rows, columns = np.mgrid[:height, :width]
    spots = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)) for x, y in points]
    return np.asarray(np.rint(20 + 220 * np.max([np.zeros((height, width)), *spots], axis=0)), dtype=np.uint8)


def scenes(count: int = 4, background: int = 1, side: int = 64, seed: int = 0) -> list[Sample]:
    """Frames `target-…` with two targets each, and `empty-…` with none, all with masks."""
    random = np.random.default_rng(seed)
    found = []
    for index in range(count):
        points = random.uniform(6, side - 7, size=(2, 2))
        frame = blob(side, side, points)
        found.append(Sample(f"target-{index}", frame, points, frame > 130))
    for index in range(background):
        noise = random.integers(10, 40, size=(side, side), dtype=np.uint8)
        found.append(Sample(f"empty-{index}", noise, np.zeros((0, 2)), np.zeros((side, side), dtype=np.bool_)))
    return found


def build(config: FitConfig) -> TinyResponse:
    """A tiny detector whose first weights follow from the seed."""
    with seeded(config.seed, config.threads):
        return TinyResponse()
