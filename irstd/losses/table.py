"""The losses by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from irstd.errors import TrainingError
from irstd.losses.bce_soft_iou import bce_soft_iou
from irstd.losses.centre_mask import centre_mask
from irstd.losses.sls import sls
from irstd.losses.soft_iou import soft_iou
from irstd.losses.sparse_mse import sparse_mse
from irstd.losses.weighted_mse import weighted_mse

# MSHNet's: 5 of 400 epochs.
SLS_WARM_UP = 1.0 / 80.0


@dataclass(frozen=True)
class LossState:
    """Inputs of a loss besides output and label.

    Attributes:
        positive_weight: extra weight of a cell of label 1, for losses that have it.
        progress: finished share of the fit, in [0, 1).
    """

    positive_weight: float = 0.0
    progress: float = 0.0


Loss = Callable[[Sequence[Tensor], Tensor, LossState], Tensor]
"""(outputs of one path, label, state) → a float32 scalar. Outputs are (B, 1, h, w), the one that ships first, which
has the label's size; others may be smaller by a whole factor."""


def label_for(output: Tensor, label: Tensor) -> Tensor:
    """`label` (B, 1, H, W) at the size of `output` (B, 1, h, w), each cell the largest of its H/h × W/w block.

    Raises:
        TrainingError: the output's size is no whole part of the label's.
    """
    (height, width), size = label.shape[2:], output.shape[2:]
    if height % size[0] or width % size[1] or output.shape[:2] != label.shape[:2]:
        raise TrainingError(
            f"a raw output of shape {tuple(output.shape)} against a label of shape {tuple(label.shape)};"
            " the detector's stride must be the label's"
        )
    factor = (height // size[0], width // size[1])
    return label if factor == (1, 1) else F.max_pool2d(label, factor)


def over_outputs(single: Callable[[Tensor, Tensor, LossState], Tensor]) -> Loss:
    """The mean of `single` over the outputs of a path, each against the label at its own size."""

    def loss(outputs: Sequence[Tensor], label: Tensor, state: LossState) -> Tensor:
        return torch.stack([single(each, label_for(each, label), state) for each in outputs]).mean()

    return loss


def sls_over_outputs(outputs: Sequence[Tensor], label: Tensor, state: LossState) -> Tensor:
    """The mean of `sls` over the outputs of a path; in the warm-up of MSHNet's alone at full size, its second.

    The others are then multiplied by 0, so that each weight has a gradient, and with it the optimizer a state of it,
    from the first step on. A path of one output is warmed up by that one.
    """
    if state.progress >= SLS_WARM_UP:
        return over_outputs(lambda raw, own, _: sls(raw, own))(outputs, label, state)
    unused = torch.stack([0.0 * each.float().sum() for each in outputs]).sum()
    return sls(outputs[min(1, len(outputs) - 1)], label, warm_up=True) + unused


LOSSES: dict[str, Loss] = {
    "bce_soft_iou": over_outputs(lambda raw, label, _: bce_soft_iou(raw, label)),
    "centre_mask": lambda outputs, label, _: centre_mask(outputs[0], label),
    "sls": sls_over_outputs,
    "soft_iou": over_outputs(lambda raw, label, _: soft_iou(raw, label)),
    "sparse_mse": over_outputs(lambda raw, label, state: sparse_mse(raw, label, state.positive_weight)),
    "weighted_mse": over_outputs(lambda raw, label, state: weighted_mse(raw, label, state.positive_weight)),
}
