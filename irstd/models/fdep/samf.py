"""SAMF: a host's bottleneck modulated by features of a foundation model. Yu et al., arXiv 2512.05511."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SAMF(nn.Module):
    """Halves x1, x2 of x: a = x1 ⊙ Conv(d), b = x2 + Conv′(d), z = concat(Conv(a), Conv(b)) + x, Conv(z).

    The form is the paper's figure. Ours: Conv and Conv′ on d are 1×1 to half of x's channels, then bilinear to x's
    grid; the others are 3×3; the multiplier stands as drawn, or as 1 + Conv(d).

    Begun as the identity, Conv(a) and Conv(b) end in a BatchNorm of gain 0 and the last one is a Dirac with bias, so
    that the main path starts as the light one; a ReLU behind a gain of 0 would never learn. Otherwise each of the three
    has BatchNorm and ReLU, and four of them in series hand the decoder noise at first.
    """

    def __init__(
        self, channels: int, foundation_channels: int, *, residual_gain: bool = False, identity: bool = False
    ) -> None:
        """For x of `channels` (even) and d of `foundation_channels`."""
        super().__init__()
        half = channels // 2
        self.gain = nn.Conv2d(foundation_channels, half, 1)
        self.shift = nn.Conv2d(foundation_channels, half, 1)
        inner, last = (_silent, _dirac) if identity else (_conv, _conv)
        self.gained, self.shifted, self.out = inner(half), inner(half), last(channels)
        self.least = 1.0 if residual_gain else 0.0

    def forward(self, deep: Tensor, foundation: Tensor) -> Tensor:
        """(B, C, h, w) of the bottleneck x = `deep` of the same shape and d = `foundation` (B, D, any, any)."""
        first, second = deep.chunk(2, dim=1)
        gain, shift = (_resized(conv(foundation), deep) for conv in (self.gain, self.shift))
        fused = torch.cat((self.gained(first * (self.least + gain)), self.shifted(second + shift)), dim=1)
        return torch.as_tensor(self.out(fused + deep))


def _conv(channels: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())


def _silent(channels: int) -> nn.Module:
    """Build a 3×3 convolution and a BatchNorm that give 0 at first."""
    norm = nn.BatchNorm2d(channels)
    nn.init.zeros_(norm.weight)
    return nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), norm)


def _dirac(channels: int) -> nn.Module:
    """Build a 3×3 convolution that is the identity at first."""
    conv = nn.Conv2d(channels, channels, 3, padding=1)
    nn.init.dirac_(conv.weight)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]  # it has one
    return conv


def _resized(features: Tensor, like: Tensor) -> Tensor:
    if features.shape[2:] == like.shape[2:]:
        return features
    return F.interpolate(features, size=like.shape[2:], mode="bilinear", align_corners=False)
