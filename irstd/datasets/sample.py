"""One labelled frame in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Frame


@dataclass(frozen=True)
class Sample:
    """A frame with its labels.

    Attributes:
        name: the frame's name in its dataset, without suffix.
        frame: (H, W) or (H, W, 3) in RGB order, uint8 or uint16.
        points: float64 (n, 2) of (x, y) px, one a target.
        mask: bool (H, W); None where the dataset has points only.
        soft: whether the mask was made of more levels than two; any nonzero one is target.
    """

    name: str
    frame: Frame
    points: NDArray[np.float64]
    mask: NDArray[np.bool_] | None = None
    soft: bool = False
