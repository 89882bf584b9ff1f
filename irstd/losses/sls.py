"""The scale- and location-sensitive loss of MSHNet. Liu et al., CVPR 2024."""

import math

import torch
from torch import Tensor

from irstd.losses.shapes import check_shapes

# Added to both parts of the overlap, so that an empty image with an empty output is not 0 / 0. [ours]
_SMOOTH = 1e-6
_EPSILON = 1e-8


def sls(logits: Tensor, label: Tensor, *, warm_up: bool = False) -> Tensor:
    """The mean over images of 1 − α·IoU + location: a float32 scalar, 0 at best but for rounding.

    For one image with p = sigmoid(logits), P = Σp, T = Σt, I = Σpt and v = ((P − T) / 2)²: IoU = I / (P + T − I);
    α = (min(P, T) + v) / (max(P, T) + v), not detached; location as in `_location`. In the warm-up 1 − IoU alone.
    An image without a target pays P / (P + 1) in both [ours]: the paper's form is then constant, or no number.

    Args:
        logits: (B, 1, h, w), any floating type; computed in float32.
        label: mask (B, 1, h, w) in [0, 1].
        warm_up: leave out scale and location.

    Raises:
        TrainingError: the shapes differ.
    """
    check_shapes("sls", logits, label)
    likely, truth = torch.sigmoid(logits.float()), label.float()
    given, wanted = likely.sum(dim=(1, 2, 3)), truth.sum(dim=(1, 2, 3))  # P and T, (B,)
    common = (likely * truth).sum(dim=(1, 2, 3))
    iou = (common + _SMOOTH) / (given + wanted - common + _SMOOTH)
    if warm_up:
        cost = 1.0 - iou
    else:
        spread = ((given - wanted) / 2.0).square()
        least, most = torch.minimum(given, wanted), torch.maximum(given, wanted)
        alpha = (least + spread + _SMOOTH) / (most + spread + _SMOOTH)
        cost = 1.0 - alpha * iou + _location(likely, truth)
    return torch.where(wanted > 0.0, cost, given / (given + 1.0)).mean()


def _location(likely: Tensor, truth: Tensor) -> Tensor:
    """The distance (B,) of the first moments of two maps (B, 1, h, w), in polar form; 0 where they agree.

    1 − min(r, r*) / (max(r, r*) + ε) + (4 / π²) · (θ − θ*)²; the moments are not divided by the mass, so r grows with
    the area, and several targets share one.
    """
    (radius, angle), (true_radius, true_angle) = _polar(likely), _polar(truth)
    ratio = torch.minimum(radius, true_radius) / (torch.maximum(radius, true_radius) + _EPSILON)
    return 1.0 - ratio + 4.0 / math.pi**2 * (angle - true_angle).square()


def _polar(values: Tensor) -> tuple[Tensor, Tensor]:
    """Radius and angle (B,) of the mean over all pixels of value · (column / w, row / h)."""
    height, width = values.shape[2:]
    columns = torch.arange(width, device=values.device, dtype=torch.float32) / width
    rows = torch.arange(height, device=values.device, dtype=torch.float32)[:, None] / height
    x, y = (values * columns).mean(dim=(1, 2, 3)), (values * rows).mean(dim=(1, 2, 3))
    return torch.sqrt(x.square() + y.square() + _EPSILON), torch.atan(y / (x + _EPSILON))
