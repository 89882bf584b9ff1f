"""The contract of every detector; training, scoring, export and the gate use nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irstd.frames import Frame, Placement, map_deep, place_native, place_square, to_8bit, to_grey, to_rgb
from irstd.labels.decode import MOST_PEAKS
from irstd.labels.detections import Detections
from irstd.settings.bounds import Bounds, Section, Share

Deep = Literal["stretch", "local"]
DEEP: tuple[Deep, ...] = get_args(Deep)
"""How frames over 8 bit are read; a bundle that does not say reads them the first way."""


@dataclass(frozen=True)
class InputRule:
    """Rule from a frame to a network's input.

    Attributes:
        color: `grey` (the luma, copied into every channel) or `rgb` (a frame's own three channels).
        channels: input channels of the network, 1 or 3.
        size: side of the square input in px, aspect kept and zeros round it; None: the frame's own size.
        multiple: with size None, height and width are padded to a multiple of this many px.
        deep: how frames over 8 bit become 8-bit levels: `stretch` (by their own percentiles, as bundles of 8-bit sets
            and all older ones do) or `local` (`irstd.frames.map_deep`, which keeps faint targets).
    """

    color: Literal["grey", "rgb"] = "grey"
    channels: int = 3
    size: int | None = 512
    multiple: int = 1
    deep: Deep = field(default="stretch", repr=False)  # so that checkpoints of older code can be resumed

    def place(self, height: int, width: int) -> Placement:
        """Return the placement of a frame of that size on the input."""
        if self.size is None:
            return place_native(height, width, self.multiple)
        return place_square(height, width, self.size)

    def eight_bit(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the frame in 8 bit, same shape; the only place where a detector's frames lose their depth."""
        return map_deep(frame) if self.deep == "local" else to_8bit(frame)

    def levels(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the frame's 8-bit levels at its own size: uint8 (H, W) for `grey`, (H, W, 3) for `rgb`."""
        eight = self.eight_bit(frame)
        return to_grey(eight) if self.color == "grey" else to_rgb(eight)

    def tensor(self, levels: NDArray[np.uint8]) -> Tensor:
        """float32 (channels, H, W) in [0, 1] of an 8-bit (H, W) or (H, W, 3) array."""
        unit = torch.from_numpy(np.ascontiguousarray(levels)).float() / 255.0
        return unit.expand(self.channels, -1, -1) if unit.ndim == 2 else unit.permute(2, 0, 1)


@dataclass(frozen=True)
class Rules(Section):
    """Rules that decide which peaks count as detections.

    Attributes:
        threshold: least score.
        value_range: SPIRE's relative rule: drop a peak that lies below the strongest by more than this share of it;
            None: off.
        most: maximum number of detections a frame, strongest first.
    """

    threshold: Share = 0.5
    value_range: Share | None = None
    most: Annotated[int, Bounds(least=1, most=1_000_000)] = MOST_PEAKS


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

    @abstractmethod
    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        """Decode a frame's raw output (h, w) or (planes, h, w): detections in frame px, scores clipped to [0, 1]."""

    @abstractmethod
    def response(
        self, raw: NDArray[np.float32], placement: Placement, frame: NDArray[np.uint8], found: Detections
    ) -> NDArray[np.float32]:
        """The response in [0, 1] at the frame's own size (H, W), from the raw output or from `found`."""
