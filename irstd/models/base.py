"""The contract every detector keeps; training, scoring, export and the gate see nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irstd.frames import Frame, Placement, place_native, place_square, to_8bit, to_grey, to_rgb
from irstd.labels.detections import Detections


@dataclass(frozen=True)
class InputRule:
    """How a frame becomes a network's input.

    Attributes:
        color: `grey` (the luma, copied into every channel) or `rgb` (a frame's own three channels).
        channels: what the network reads, 1 or 3.
        size: side of the square input in px, aspect kept and zeros round it; None: the frame's own size.
        multiple: with size None, height and width are padded to a multiple of this many px.
    """

    color: Literal["grey", "rgb"] = "grey"
    channels: int = 3
    size: int | None = 512
    multiple: int = 1

    def place(self, height: int, width: int) -> Placement:
        """Where a frame of that size stands on the input."""
        if self.size is None:
            return place_native(height, width, self.multiple)
        return place_square(height, width, self.size)

    def levels(self, frame: Frame) -> NDArray[np.uint8]:
        """The frame as the network sees it but for its size: uint8 (H, W) for `grey`, (H, W, 3) for `rgb`."""
        eight = to_8bit(frame)
        return to_grey(eight) if self.color == "grey" else to_rgb(eight)

    def tensor(self, levels: NDArray[np.uint8]) -> Tensor:
        """float32 (channels, H, W) in [0, 1] of an 8-bit (H, W) or (H, W, 3) array."""
        unit = torch.from_numpy(np.ascontiguousarray(levels)).float() / 255.0
        return unit.expand(self.channels, -1, -1) if unit.ndim == 2 else unit.permute(2, 0, 1)


@dataclass(frozen=True)
class Rules:
    """What counts as a detection.

    Attributes:
        threshold: least score, in [0, 1].
        value_range: SPIRE's relative rule: a peak is dropped whose score differs from any kept one by more than
            this share of the larger; None: off.
        most: at most so many a frame, strongest first.
    """

    threshold: float = 0.5
    value_range: float | None = None
    most: int = 64


# What the integral of HSE needs (HSE.md, "Two thresholds, never confused").
INTEGRAL_RULES = Rules(threshold=0.1, value_range=None, most=64)


class Detector(nn.Module, ABC):
    """A network, or an untrained filter, that maps images to raw output and decodes it.

    Attributes:
        stride: input pixels an output cell.
        target: what it learns: `response` (points) or `mask`.
        loss: the name of its paper's loss in `irstd.losses.LOSSES`; None where nothing is trained.
        label: the name of its paper's response in `irstd.labels.response.RESPONSES`; of no use to masks.
        trained: False for a filter without weights; such a one is never registered.
        paper: where it comes from.
        warnings: what a reader of its scores must know, in words.
        lineage: what it learned from besides the data, by name.
        input: how a frame becomes its input.
    """

    stride: ClassVar[int]
    target: ClassVar[Literal["response", "mask"]]
    trained: ClassVar[bool]
    loss: str | None
    label: str = "prps"
    paper: str
    warnings: tuple[str, ...] = ()
    lineage: Mapping[str, str] = MappingProxyType({})

    def __init__(self, rule: InputRule) -> None:
        super().__init__()
        self.input = rule

    @abstractmethod
    def forward(self, images: Tensor) -> Tensor:
        """Raw output (B, 1, H / stride, W / stride) of images (B, C, H, W) in [0, 1]."""

    def paths(self, images: Tensor) -> tuple[tuple[Tensor, ...], ...]:
        """What a fit sees of `images`: one or more ways through the network, each against the label by itself.

        A path holds the outputs that its loss looks at, the raw output that ships first; others (deep supervision)
        may be smaller by a whole factor.
        """
        return ((self(images),),)

    def deployed(self) -> "Detector":
        """What a bundle of it holds: itself, or the network within it that a training method leaves behind."""
        return self

    @abstractmethod
    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        """The targets in one frame's raw output (h, w), in frame px, scores clipped to [0, 1]."""

    @abstractmethod
    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The response in [0, 1] at the frame's own size (H, W), from the raw output or from `found` (HSE.md)."""
