"""A detector as it is exported: BatchNorm folded, dynamic convolutions written for batches of any size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.base import Detector
from irstd.models.folding import folded
from irstd.models.sshdnet.odconv import ODConv


def exportable(detector: Detector) -> Detector:
    """Return a copy in eval mode whose output is the same but for rounding."""
    twin = folded(detector)
    for name, module in list(twin.named_modules()):
        if isinstance(module, ODConv):
            parent, _, own = name.rpartition(".")
            setattr(twin.get_submodule(parent), own, PlainODConv(module))
    return twin.eval()


class PlainODConv(nn.Module):
    """An ODConv for batches of any size: one convolution of all images, no group an image.

    The k × k shifts of the features are gated and joined as channels, and a 1 × 1 convolution takes them all.
    """

    def __init__(self, dynamic: ODConv) -> None:
        super().__init__()
        self.gates, self.kernel, self.step = dynamic.gates, dynamic.kernel_size[0], dynamic.stride[0]
        weight = dynamic.weight.detach().permute(0, 2, 3, 1)  # (out, k, k, in)
        self.weight = nn.Parameter(weight.flatten(1)[:, :, None, None].contiguous())

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, ⌈H/stride⌉, ⌈W/stride⌉) of (B, in, H, W)."""
        gates: tuple[Tensor, Tensor, Tensor | None] = self.gates(features)
        channel, filters, position = gates
        gated = features * channel
        if position is None:
            return F.conv2d(gated, self.weight, None, self.step) * filters
        reach = self.kernel // 2
        padded = F.pad(gated, (reach, reach, reach, reach))
        height, width = features.shape[2:]
        shifts = [
            padded[:, :, row : row + height : self.step, column : column + width : self.step]
            * position[:, 0, :, row, column, None, None]
            for row in range(self.kernel)
            for column in range(self.kernel)
        ]
        return F.conv2d(torch.cat(shifts, dim=1), self.weight) * filters
