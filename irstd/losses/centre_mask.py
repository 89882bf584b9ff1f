"""The loss of detectors that learn centres and pixels together."""

import torch
from torch import Tensor
from torch.nn import functional as F

from irstd.errors import TrainingError
from irstd.labels.centres import PIXELS
from irstd.losses.bce_soft_iou import bce_soft_iou

_OFFSET_WEIGHT = 0.5


def centre_mask(raw: Tensor, label: Tensor) -> Tensor:
    """The focal loss of centres, half the absolute error of their offsets, and `bce_soft_iou` of pixels. [ours]

    The first is CenterNet's (arXiv 1904.07850): cells near a centre count less as background, and the sum is divided
    by the number of centres.

    Args:
        raw: (B, 7, h, w): four logits of pixels, one of the centre, (x, y) of its offset.
        label: (B, 8, h, w): four pixels, response to centres, (x, y) of offsets, where these are learned.

    Raises:
        TrainingError: the shapes do not fit.
    """
    if raw.shape[1] != PIXELS + 3 or label.shape[1] != PIXELS + 4 or raw.shape[2:] != label.shape[2:]:
        raise TrainingError(
            f"centre_mask: raw output of shape {tuple(raw.shape)} against a label of shape {tuple(label.shape)};"
            " it is the loss of detectors that learn centres and masks"
        )
    raw, label = raw.float(), label.float()
    centres, learned = label[:, PIXELS], label[:, -1:]
    apart = ((raw[:, PIXELS + 1 :] - label[:, PIXELS + 1 : -1]).abs() * learned).sum()
    return (
        _focal(raw[:, PIXELS], centres)
        + _OFFSET_WEIGHT * apart / learned.sum().clamp_min(1.0)
        + bce_soft_iou(raw[:, :PIXELS], label[:, :PIXELS])
    )


def _focal(logits: Tensor, response: Tensor) -> Tensor:
    likely = torch.sigmoid(logits)
    is_centre = (response == 1.0).float()
    hits = is_centre * (1.0 - likely).square() * F.logsigmoid(logits)
    rest = (1.0 - response).pow(4) * likely.square() * F.logsigmoid(-logits)
    return -(hits + (1.0 - is_centre) * rest).sum() / is_centre.sum().clamp_min(1.0)
