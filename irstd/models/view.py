"""The whole frame that a crop was cut from, and a foundation model's features of it at the crop's place."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F


class FrameView(NamedTuple):
    """A whole frame, and where a crop of it lies.

    Attributes:
        frame: float32 (C, H, W) in [0, 1], at its own size.
        matrix: float32 (2, 3): (x, y) px of the frame = matrix · (x, y, 1) of px of the crop.
    """

    frame: Tensor
    matrix: Tensor


def sampled(features: Tensor, view: FrameView, crop: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Return (1, D, *grid): bilinear samples of `features` (1, D, h, w) of a whole frame at the cells of its crop.

    Beyond the frame its border goes on.

    Args:
        features: of the frame of `view`.
        view: the frame, and the crop's place in it.
        crop: height and width of the crop in px.
        grid: cells of the crop, rows and columns.
    """
    rows, columns = ((torch.arange(cells) + 0.5) * side / cells - 0.5 for side, cells in zip(crop, grid, strict=True))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    on_frame = torch.stack((x, y, torch.ones_like(x)), dim=-1) @ view.matrix.cpu().T  # (rows, columns, 2)
    sides = torch.tensor(view.frame.shape[:0:-1])  # (width, height)
    places = ((on_frame + 0.5) / sides * 2 - 1)[None].to(features)
    return F.grid_sample(features, places, mode="bilinear", padding_mode="border", align_corners=False)
