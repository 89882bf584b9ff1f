"""The loss of masks by overlap and by pixel."""

from torch import Tensor
from torch.nn import functional as F

from irstd.losses.shapes import check_shapes
from irstd.losses.soft_iou import soft_iou


def bce_soft_iou(logits: Tensor, label: Tensor) -> Tensor:
    """The mean binary cross-entropy plus `soft_iou`: a float32 scalar, 0 at best. [ours]

    The cross-entropy has a gradient at every pixel, where that of the overlap vanishes as the network grows sure.

    Args:
        logits: (B, 1, h, w), any floating type; computed in float32.
        label: mask (B, 1, h, w) in [0, 1].

    Raises:
        TrainingError: the shapes differ.
    """
    check_shapes("bce_soft_iou", logits, label)
    return F.binary_cross_entropy_with_logits(logits.float(), label.float()) + soft_iou(logits, label)
