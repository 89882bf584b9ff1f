"""Rules of a detector that need no torch: how a frame goes in, and which peaks are detections."""

from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.frames import Frame, Placement, map_deep, place_native, place_square, to_8bit, to_grey, to_rgb
from irstd.labels.decode import MOST_PEAKS
from irstd.settings.bounds import Bounds, Section, Share

Deep = Literal["stretch", "local"]
DEEP: tuple[Deep, ...] = get_args(Deep)
"""How frames over 8 bit are read; a bundle that does not say reads them the first way."""


@dataclass(frozen=True)
class Reading(Section):
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
    channels: Annotated[int, Bounds(least=1, most=3)] = 3
    size: Annotated[int, Bounds(least=1, most=4096)] | None = 512
    multiple: Annotated[int, Bounds(least=1, most=4096)] = 1
    deep: Deep = field(default="stretch", repr=False)  # so that checkpoints of older code can be resumed

    def _relations(self) -> dict[str, bool | str]:
        fits = self.channels == 3 or (self.channels == 1 and self.color == "grey")
        return {"channels": fits or "must be 3, or 1 for grey"}

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

    def images(self, frame: Frame) -> NDArray[np.float32]:
        """Return float32 (1, channels, H, W) in [0, 1] of a frame (H, W) or (H, W, 3), 8 or 16 bit."""
        placed = self.place(*frame.shape[:2]).warp(self.levels(frame)).astype(np.float32)
        placed /= np.float32(255.0)
        planes = placed[None] if placed.ndim == 2 else placed.transpose(2, 0, 1)
        return np.ascontiguousarray(planes if len(planes) == self.channels else planes.repeat(self.channels, 0))[None]


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


def checked_frame(frame: Frame) -> Frame:
    """Return `frame` after checking that it is one.

    Raises:
        DataError: it is no uint8 or uint16 array of (H, W) or (H, W, 3).
    """
    given: object = frame
    if not isinstance(given, np.ndarray):
        raise DataError(
            f"a frame must be an array, got {type(given).__name__}; read files with irstd.frames.read_image"
        )
    plain = given.ndim == 2 or (given.ndim == 3 and given.shape[2] == 3)
    if given.dtype not in (np.uint8, np.uint16) or not plain or not given.size:
        raise DataError(
            "a frame must be uint8 or uint16, (H, W) or (H, W, 3) in RGB order and not empty,"
            f" got {given.dtype} {given.shape}; convert it first"
        )
    return frame
