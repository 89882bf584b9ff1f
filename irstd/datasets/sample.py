"""One labelled frame in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Frame


@dataclass(frozen=True)
class StoredResponse:
    """The response of a whole frame, as `prepare` drew it.

    Attributes:
        label: name of its label function in `irstd.labels.response.RESPONSES`.
        size: side in px of the square input on which the grey frame was placed.
        stride: input px a cell.
        values: float32 (size / stride, size / stride) in [0, 1].
    """

    label: str
    size: int
    stride: int
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """A frame with its labels.

    Attributes:
        name: name of the frame in its dataset, without suffix.
        frame: (H, W) or (H, W, 3) in RGB order, uint8 or uint16.
        points: float64 (n, 2) of (x, y) px, one a target.
        mask: bool (H, W); None where the dataset has points only.
        soft: True if the mask's file had more than two levels; every nonzero level is target.
        response: the prepared response, for fits on whole frames; None: it is drawn when needed.
    """

    name: str
    frame: Frame
    points: NDArray[np.float64]
    mask: NDArray[np.bool_] | None = None
    soft: bool = False
    response: StoredResponse | None = None
