"""One labelled frame in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.frame_tables import Moment
from irstd.errors import DataError
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
        boxes: float64 (n, 4) of x, y (first column and row), width, height px, loose round each target; None: no boxes.
        moment: its place in a clip; None where no clips are told.
    """

    name: str
    frame: Frame
    points: NDArray[np.float64]
    mask: NDArray[np.bool_] | None = None
    soft: bool = False
    response: StoredResponse | None = None
    boxes: NDArray[np.float64] | None = None
    moment: Moment | None = None


def check_sample(sample: Sample, where: str) -> None:
    """Check that the mask has the frame's size and all points lie on the frame.

    Raises:
        DataError: they do not; the message begins with `where`.
    """
    height, width = sample.frame.shape[:2]
    if sample.mask is not None and sample.mask.shape != (height, width):
        raise DataError(
            f"{where}: frame '{sample.name}': the mask is {sample.mask.shape[1]}×{sample.mask.shape[0]} px, "
            f"the frame {width}×{height} px; they must have one size"
        )
    outside = points_outside(sample.points, (height, width))
    if len(outside):
        raise DataError(
            f"{where}: frame '{sample.name}': ({outside[0, 0]:g}, {outside[0, 1]:g}) lies outside its "
            f"{width}×{height} px; {about_outside(outside, (height, width))}"
        )


def points_outside(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return those of `points` (n, 2) that lie on no pixel of a frame of `size` (height, width)."""
    return points[((points < -0.5) | (points > (size[1] - 0.5, size[0] - 0.5))).any(axis=1)]


def about_outside(points: NDArray[np.float64], size: tuple[int, int]) -> str:
    """Say what is wrong with `points` (n, 2) that lie outside a frame of `size` (height, width)."""
    if len(points_outside(points[:, ::-1], size)):
        return "points are (x, y) px from the top left"
    return "x and y look swapped: points are (x, y) px from the top left"
