"""Blocks that the published hosts share (docs/methods.md, "Shared parts")."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.errors import TrainingError


class Res(nn.Module):
    """Residual block: two 3×3 convolutions without bias and a shortcut, projected where shape or size change."""

    def __init__(self, channels: tuple[int, int], stride: int = 1) -> None:
        super().__init__()
        into, out = channels
        self.body = nn.Sequential(
            nn.Conv2d(into, out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.shortcut: nn.Module = nn.Identity()
        if into != out or stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, H/stride, W/stride) of (B, in, H, W)."""
        return F.relu(self.body(features) + self.shortcut(features))


class Stem4(nn.Sequential):
    """(B, 16, H/4, W/4) of images (B, channels, H, W), with BatchNorm on the raw input."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            nn.BatchNorm2d(channels),
            *_normed(channels, 8, stride=2),
            *_normed(8, 8),
            *_normed(8, 16),
            nn.MaxPool2d(3, stride=2, padding=1),
        )


class Asym(nn.Module):
    """ACM's asymmetric modulation: deep features gate shallow ones by channel, shallow ones gate deep ones by pixel.

    The channel gate normalises one value a channel and image, so that a training batch needs two images.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel_gate = _gate(channels)
        self.pixel_gate = _gate(channels)
        self.fuse = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU())

    def forward(self, high: Tensor, low: Tensor) -> Tensor:
        """(B, C, H, W) of deep and shallow features of the same shape.

        Raises:
            TrainingError: a batch of one in training mode.
        """
        if len(high) == 1 and self.channel_gate[1].training:
            raise TrainingError(
                "Asym: its channel gate normalises over the batch and needs at least 2 images in training, got 1;"
                " raise train.batch, or call eval() first"
            )
        by_channel = self.channel_gate(high.mean(dim=(2, 3), keepdim=True))  # (B, C, 1, 1)
        by_pixel = self.pixel_gate(low)
        return torch.as_tensor(self.fuse(2.0 * low * by_channel + 2.0 * high * by_pixel))


class Head(nn.Sequential):
    """Logits (B, 1, H, W) of features (B, channels, H, W)."""

    def __init__(self, channels: int) -> None:
        inner = channels // 4
        super().__init__(*_normed(channels, inner), nn.Dropout(0.1), nn.Conv2d(inner, 1, 1))


class ChannelAttention(nn.Module):
    """CBAM's channel gate: global mean and global maximum through one bottleneck without bias, summed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // 16
        self.weigh = nn.Sequential(
            nn.Conv2d(channels, inner, 1, bias=False), nn.ReLU(), nn.Conv2d(inner, channels, 1, bias=False)
        )

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        means = self.weigh(features.mean(dim=(2, 3), keepdim=True))
        return features * torch.sigmoid(means + self.weigh(features.amax(dim=(2, 3), keepdim=True)))


class SpatialAttention(nn.Module):
    """CBAM's spatial gate: 7×7 over the mean and the maximum of the channels."""

    def __init__(self) -> None:
        super().__init__()
        self.weigh = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        both = torch.cat((features.mean(dim=1, keepdim=True), features.amax(dim=1, keepdim=True)), dim=1)
        return features * torch.sigmoid(self.weigh(both))


class Att(nn.Module):
    """Residual block with channel and spatial attention; its convolutions have a bias, but for the gates'."""

    def __init__(self, channels: tuple[int, int]) -> None:
        super().__init__()
        into, out = channels
        self.body = nn.Sequential(
            nn.Conv2d(into, out, 3, padding=1),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, padding=1),
            nn.BatchNorm2d(out),
            ChannelAttention(out),
            SpatialAttention(),
        )
        self.shortcut: nn.Module = nn.Identity()
        if into != out:
            self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1), nn.BatchNorm2d(out))

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, H, W) of (B, in, H, W)."""
        return F.relu(self.body(features) + self.shortcut(features))


def residual_stage(channels: tuple[int, int], blocks: int, stride: int = 1) -> nn.Sequential:
    """`blocks` times Res, the first of which changes channels and size."""
    out = channels[1]
    return nn.Sequential(Res(channels, stride), *(Res((out, out)) for _ in range(blocks - 1)))


def attention_stage(channels: tuple[int, int], blocks: int) -> nn.Sequential:
    """`blocks` times Att, the first of which changes channels."""
    out = channels[1]
    return nn.Sequential(Att(channels), *(Att((out, out)) for _ in range(blocks - 1)))


def doubled(channels: int) -> nn.ConvTranspose2d:
    """The transposed convolution that halves the channels and doubles the size."""
    return nn.ConvTranspose2d(channels, channels // 2, 4, stride=2, padding=1)


def resized(features: Tensor, like: Tensor, *, corners: bool) -> Tensor:
    """`features` (B, C, h, w) bilinearly at the size of `like` (B, _, H, W); `corners`: with the corners aligned."""
    return F.interpolate(features, size=like.shape[2:], mode="bilinear", align_corners=corners)


def enlarged(features: Tensor, factor: int, *, corners: bool) -> Tensor:
    """`features` (B, C, h, w) bilinearly `factor` times as large."""
    return F.interpolate(features, scale_factor=float(factor), mode="bilinear", align_corners=corners)


def _normed(into: int, out: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return nn.Conv2d(into, out, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()


def _gate(channels: int) -> nn.Sequential:
    inner = channels // 4
    return nn.Sequential(
        nn.Conv2d(channels, inner, 1),
        nn.BatchNorm2d(inner),
        nn.ReLU(),
        nn.Conv2d(inner, channels, 1),
        nn.BatchNorm2d(channels),
        nn.Sigmoid(),
    )
