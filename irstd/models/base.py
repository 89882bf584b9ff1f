"""The contract of every detector; training, scoring, export and the gate use nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irstd.errors import ModelError
from irstd.frames import Placement
from irstd.labels.detections import Detections
from irstd.models.decoding import Decoding
from irstd.models.rules import DEEP, Deep, Reading, Rules

__all__ = ["DEEP", "INTEGRAL_RULES", "PEAK_RULES", "Deep", "Detector", "InputRule", "Rules"]


@dataclass(frozen=True)
class InputRule(Reading):
    """The rule of a network in torch."""

    def tensor(self, levels: NDArray[np.uint8]) -> Tensor:
        """float32 (channels, H, W) in [0, 1] of an 8-bit (H, W) or (H, W, 3) array."""
        unit = torch.from_numpy(np.ascontiguousarray(levels)).float() / 255.0
        return unit.expand(self.channels, -1, -1) if unit.ndim == 2 else unit.permute(2, 0, 1)


# The integral of HSE starts at a confidence of 0.1, far below operating thresholds (docs/hse.md).
INTEGRAL_RULES = Rules(threshold=0.1)

# hse-2 ranks the highest peaks, whatever their scores: a floor would reward the scale of scores.
PEAK_RULES = Rules(threshold=0.0)  # scores are clipped to [0, 1], so peaks below 0 have no rank of their own


class Detector(nn.Module, ABC):
    """A network, or an untrained filter, that maps images to raw output and decodes it.

    Attributes:
        stride: input px an output cell.
        target: kind of label, `response` (from points), `mask`, or `both` (centres and pixels).
        loss: the name of its paper's loss in `irstd.losses.LOSSES`; None where nothing is trained.
        label: the name of its paper's response in `irstd.labels.response.RESPONSES`; unused for masks.
        planes: planes of the raw output; more than one where `target` is `both`.
        reads_frames: True if its `paths` take the whole frames of crops too (`irstd.models.view`).
        reach: px beyond which nothing decides the output at a place; None: the whole frame may.
        trained: False for a filter without weights; such a one is never registered.
        paper: its source.
        rules: those by which the paper decides what a detection is; None: it states none of its own.
        warnings: sentences that a reader of its scores must know.
        lineage: other sources it learned from, by name, such as a foundation model.
        input: how a frame becomes its input.
    """

    stride: ClassVar[int]
    target: ClassVar[Literal["response", "mask", "both"]]
    planes: ClassVar[int] = 1
    reads_frames: bool = False
    reach: ClassVar[int | None] = None
    trained: ClassVar[bool]
    loss: str | None
    label: str = "prps"
    paper: str
    rules: Rules | None = None
    warnings: tuple[str, ...] = ()
    lineage: Mapping[str, str] = MappingProxyType({})

    def __init__(self, rule: InputRule) -> None:
        super().__init__()
        self.input = rule

    @abstractmethod
    def forward(self, images: Tensor) -> Tensor:
        """Raw output (B, planes, H / stride, W / stride) of images (B, C, H, W) in [0, 1]."""

    def paths(self, images: Tensor) -> tuple[tuple[Tensor, ...], ...]:
        """Return the training paths of `images`: one or more passes through the network, each with a loss of its own.

        A path holds the outputs for its loss: the raw output first, then those of deep supervision, which may be
        smaller by an integer factor.
        """
        return ((self(images),),)

    def deployed(self) -> "Detector":
        """Return the detector that a bundle holds: itself, or the network inside it that is deployed."""
        return self

    @property
    def decoding(self) -> Decoding:
        """The rule from its raw output to detections."""
        raise ModelError(f"{type(self).__name__} decodes its output by no rule of irstd.models.decoding")

    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        """Decode a frame's raw output (h, w) or (planes, h, w): detections in frame px, scores clipped to [0, 1]."""
        return self.decoding.detections(raw if raw.ndim == 3 else raw[None], placement, rules)

    @abstractmethod
    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The response in [0, 1] at the frame's own size (H, W), from the raw output or from `found`."""
