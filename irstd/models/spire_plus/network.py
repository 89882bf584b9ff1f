"""The network of SPIRE-plus: plain 3 × 3 convolutions at strides 2 to 16 and back, and few channels at stride 1. Ours.

No layer looks at the whole frame, so what a crop, a tile and a frame show at one place gives one output.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.labels.centres import PIXELS
from irstd.models.blocks import ConvNorm

OUTPUTS = PIXELS + 3
"""Logits of a cell's pixels, one of a centre, and (x, y) of its offset."""

REACH_PX = 112
"""A multiple of the greatest stride beyond the 105 px from which a pixel can move an output (a test measures it)."""

_RARE = -4.6  # logit of 0.01: nearly no cell holds a target, and the first steps need not learn that


class PlusNetwork(nn.Module):
    """Encoder-decoder of `widths` channels at strides 2, 4, 8 and 16; outlines are drawn from `fine` at stride 1.

    What it has found and what a cell's pixels look like meet at stride 2, and are spread over the pixels: intricate
    outlines are learned sooner so than with more channels at stride 2 (docs/recipes.md).
    """

    def __init__(self, widths: tuple[int, int, int, int] = (24, 48, 64, 64), fine: int = 16) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth = widths
        self.stem = nn.Sequential(ConvNorm((1, half), 3, stride=2), ConvNorm((half, half), 3))
        self.at_4 = nn.Sequential(ConvNorm((half, quarter), 3, stride=2), Residual(quarter))
        self.at_8 = nn.Sequential(ConvNorm((quarter, eighth), 3, stride=2), Residual(eighth))
        self.at_16 = nn.Sequential(
            ConvNorm((eighth, sixteenth), 3, stride=2), Separable(sixteenth), Separable(sixteenth)
        )
        self.to_8 = Up((sixteenth, eighth), quarter)
        self.to_4 = Up((quarter, quarter), quarter)
        self.to_2 = Up((quarter, half), half)
        self.mix = ConvNorm((half, half), 3)
        self.centre = nn.Conv2d(half, OUTPUTS - PIXELS, 3, padding=1)
        self.spread = nn.Conv2d(half, 4 * fine, 1, bias=False)
        self.seen = nn.Conv2d(1, 4 * fine, 4, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4 * fine)
        self.outline = ConvNorm((fine, fine), 3)
        self.pixels = nn.Conv2d(fine, PIXELS, 4, stride=2, padding=1)
        with torch.no_grad():
            self.centre.bias.zero_()  # type: ignore[union-attr]
            self.centre.bias[0] = _RARE  # type: ignore[index]
            self.pixels.bias.fill_(_RARE)  # type: ignore[union-attr]

    def forward(self, images: Tensor) -> Tensor:
        """(B, 7, H/2, W/2) of normalised images (B, 1, H, W), H and W multiples of 16."""
        at_2 = self.stem(images)
        at_4 = self.at_4(at_2)
        at_8 = self.at_8(at_4)
        deep = self.to_8(self.at_16(at_8), at_8)
        found = self.mix(self.to_2(self.to_4(deep, at_4), at_2))
        fine = F.pixel_shuffle(F.relu(self.norm(self.spread(found) + self.seen(images))), 2)
        return torch.cat([self.pixels(self.outline(fine)), self.centre(found)], dim=1)


class Residual(nn.Module):
    """Two 3 × 3 convolutions round a shortcut (He et al., CVPR 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm((channels, channels), 3)
        self.second = ConvNorm((channels, channels), 3, relu=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        return F.relu(features + self.second(self.first(features)))


class Separable(nn.Module):
    """A depthwise 3 × 3 and a 1 × 1 convolution round a shortcut, for context at little cost."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.mix = ConvNorm((channels, channels), 1, relu=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        return F.relu(features + self.mix(F.relu(self.norm(self.depthwise(features)))))


class Up(nn.Module):
    """Deep features at twice their size, joined with those of the finer stride, then a 3 × 3 convolution."""

    def __init__(self, channels: tuple[int, int], out: int) -> None:
        super().__init__()
        deep, fine = channels
        self.project = ConvNorm((deep, fine), 1, relu=False)
        self.join = ConvNorm((fine, out), 3)

    def forward(self, deep: Tensor, fine: Tensor) -> Tensor:
        """(B, out, H, W) of deep features (B, deep, H/2, W/2) and fine ones (B, fine, H, W)."""
        return torch.as_tensor(self.join(F.relu(fine + F.interpolate(self.project(deep), scale_factor=2.0))))
