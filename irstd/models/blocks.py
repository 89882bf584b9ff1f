"""Blocks shared by several networks."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)

# A convolution without bias of (channels in, out), kernel and stride that keeps the size at stride 1.
MakeConv = Callable[[tuple[int, int], int, int], nn.Module]


def plain_conv(channels: tuple[int, int], kernel: int, stride: int) -> nn.Module:
    """Build torch's own convolution with these arguments."""
    return nn.Conv2d(*channels, kernel, stride=stride, padding=kernel // 2, bias=False)


class ConvNorm(nn.Module):
    """Convolution without bias, BatchNorm and optional ReLU; stride 1 keeps the size."""

    def __init__(
        self,
        channels: tuple[int, int],
        kernel: int,
        *,
        stride: int = 1,
        relu: bool = True,
        conv: MakeConv = plain_conv,
    ) -> None:
        super().__init__()
        self.conv = conv(channels, kernel, stride)
        self.norm = nn.BatchNorm2d(channels[1])
        self.relu = relu

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, ⌈H/stride⌉, ⌈W/stride⌉) of (B, in, H, W)."""
        normed: Tensor = self.norm(self.conv(features))
        return F.relu(normed) if self.relu else normed


class Bottleneck(nn.Module):
    """ResNet's bottleneck: 1×1, 3×3, 1×1, and a projection as the shortcut where the channels change."""

    def __init__(self, channels: int, middle: int, out: int, *, conv: MakeConv = plain_conv) -> None:
        super().__init__()
        self.reduce = ConvNorm((channels, middle), 1, conv=conv)
        self.spatial = ConvNorm((middle, middle), 3, conv=conv)
        self.expand = ConvNorm((middle, out), 1, relu=False, conv=conv)
        self.shortcut = nn.Identity() if channels == out else ConvNorm((channels, out), 1, relu=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, H, W) of (B, channels, H, W)."""
        return F.relu(self.expand(self.spatial(self.reduce(features))) + self.shortcut(features))


class Stem(nn.Sequential):
    """ImageNet's normalisation and two 3×3 convolutions of stride 2: the start of SPIRE and SSHD-Net."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__(ConvNorm((3, 64), 3, stride=2), ConvNorm((64, 64), 3, stride=2))
        # Constants, not weights: they stay out of the bundle and need no key.
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET_STD).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 64, ⌈H/4⌉, ⌈W/4⌉) of images (B, 3, H, W) in [0, 1]."""
        features = (images - self.mean) / self.std
        for layer in self:
            features = layer(features)
        return features
