"""From a frame to the input of an exported graph, without torch."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.frames import Frame, Placement, map_deep, place_native, place_square, to_8bit, to_grey, to_rgb
from irstd.settings.bounds import Bounds, Section


@dataclass(frozen=True)
class Reading(Section):
    """Rule from a frame to a graph's input, as `irstd.models.base.InputRule`.

    Attributes:
        color: `grey` (the luma, copied into every channel) or `rgb` (a frame's own three channels).
        channels: input channels of the graph.
        size: side of the square input in px, aspect kept and zeros round it; None: the frame's own size.
        multiple: with size None, height and width are padded to a multiple of this many px.
        deep: how frames over 8 bit become 8-bit levels: `stretch` (`irstd.frames.to_8bit`) or `local` (`map_deep`).
    """

    color: Literal["grey", "rgb"]
    channels: Literal[1, 3]
    size: Annotated[int, Bounds(least=1, most=4096)] | None
    multiple: Annotated[int, Bounds(least=1, most=4096)]
    deep: Literal["stretch", "local"]

    def _relations(self) -> dict[str, bool | str]:
        return {"channels": self.color == "grey" or self.channels == 3 or "must be 3 for rgb"}

    def place(self, height: int, width: int) -> Placement:
        """Return the placement of a frame of that size on the input."""
        if self.size is None:
            return place_native(height, width, self.multiple)
        return place_square(height, width, self.size)

    def images(self, frame: Frame) -> NDArray[np.float32]:
        """Return float32 (1, channels, H, W) in [0, 1] of a frame (H, W) or (H, W, 3) in RGB order, 8 or 16 bit.

        Raises:
            DataError: the array is no such frame.
        """
        plain = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        if frame.dtype not in (np.uint8, np.uint16) or not plain or not frame.size:
            raise DataError(
                "a frame must be uint8 or uint16, (H, W) or (H, W, 3) in RGB order and not empty,"
                f" got {frame.dtype} {frame.shape}; convert it first"
            )
        eight = map_deep(frame) if self.deep == "local" else to_8bit(frame)
        levels = to_grey(eight) if self.color == "grey" else to_rgb(eight)
        placed = self.place(*frame.shape[:2]).warp(levels).astype(np.float32) / np.float32(255.0)
        planes = placed[None] if placed.ndim == 2 else placed.transpose(2, 0, 1)
        return np.ascontiguousarray(np.broadcast_to(planes, (self.channels, *placed.shape[:2]))[None])
