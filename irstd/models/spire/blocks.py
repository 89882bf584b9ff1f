"""The blocks of SPIRE's network. Written from the paper and its released code's behaviour, arXiv 2604.05363."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.blocks import ConvNorm


def interleave(first: Tensor, second: Tensor) -> Tensor:
    """Return (B, 2C, H, W), the channels of two tensors (B, C, H, W) in turns: ShuffleNet's shuffle of their union.

    The result is laid out channels last, as in a fit. Joining and then shuffling takes eight times as long there, and
    gives the other layout, which the next layers must convert.
    """
    pair = torch.stack((first.permute(0, 2, 3, 1), second.permute(0, 2, 3, 1)), dim=4)  # (B, H, W, C, 2)
    return pair.flatten(3).permute(0, 3, 1, 2)


class ShuffleUnit(nn.Module):
    """ShuffleNetV2's stride-1 unit: half the channels pass, the others go through 1×1, depthwise 3×3, 1×1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.enter = ConvNorm((half, half), 1)
        self.depthwise = _depthwise(half)
        self.norm = nn.BatchNorm2d(half)
        self.leave = ConvNorm((half, half), 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        passed, worked = features.chunk(2, dim=1)
        worked = self.leave(self.norm(self.depthwise(self.enter(worked))))
        return interleave(passed, worked)


class ChannelGate(nn.Module):
    """Squeeze and excitation without bias: features times a weight in (0, 1) a channel, from their global means."""

    def __init__(self, channels: int, ratio: int = 4) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // ratio, 1, bias=False)
        self.excite = nn.Conv2d(channels // ratio, channels, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        means = features.mean(dim=(2, 3), keepdim=True)
        return features * torch.sigmoid(self.excite(F.relu(self.squeeze(means))))


class OCCW(nn.Module):
    """SPIRE's OCCW: half the channels pass, the others go through depthwise 3×3, BatchNorm and a gate.

    With `local` it is LA-OCCW: one more depthwise 3×3 after the gate.
    """

    def __init__(self, channels: int, *, local: bool = False) -> None:
        super().__init__()
        half = channels // 2
        self.depthwise = _depthwise(half)
        self.norm = nn.BatchNorm2d(half)
        self.gate = ChannelGate(half)
        self.local = _depthwise(half) if local else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        passed, worked = features.chunk(2, dim=1)
        worked = self.local(self.gate(self.norm(self.depthwise(worked))))
        return interleave(passed, worked)


class RegressionBlock(nn.Module):
    """OCCW, LA-OCCW and a shuffle unit, then ReLU(2x).

    The doubling is real: the fusion of the released code adds its only branch to itself, and its weights need it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.occw = OCCW(channels)
        self.la_occw = OCCW(channels, local=True)
        self.unit = ShuffleUnit(channels)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        return F.relu(2.0 * self.unit(self.la_occw(self.occw(features))))


def _depthwise(channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
