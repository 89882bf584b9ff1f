"""The loss of masks by overlap."""

import torch
from torch import Tensor

from irstd.losses.shapes import check_shapes


def soft_iou(logits: Tensor, label: Tensor) -> Tensor:
    """1 − (Σpt + 1) / (Σp + Σt − Σpt + 1), p = sigmoid(logits): a float32 scalar in [0, 1), 0 at best.

    The sums run over the whole batch, so that a crop without a target takes part in the others' overlap
    (docs/methods.md, DNANet). Where no crop has a target it is Σp / (Σp + 1).

    Args:
        logits: (B, 1, h, w), any floating type; the sums are taken in float32.
        label: mask (B, 1, h, w) in [0, 1].

    Raises:
        TrainingError: the shapes differ.
    """
    check_shapes("soft_iou", logits, label)
    likely, truth = torch.sigmoid(logits.float()), label.float()
    common = (likely * truth).sum()
    return 1.0 - (common + 1.0) / (likely.sum() + truth.sum() - common + 1.0)
