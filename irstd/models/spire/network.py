"""SPIRE's network HRPE: an encoder at stride 4 and one linear head. Ni et al., arXiv 2604.05363."""

import torch
from torch import Tensor, nn

from irstd.models.spire.blocks import Bottleneck, ConvNorm, RegressionBlock, ShuffleUnit

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)


class HRPE(nn.Module):
    """294,753 parameters; 4.84 GMAC at 512 × 512 px; PyTorch's own initialisation [ours, the paper names none]."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Constants, not weights: they stay out of the bundle and need no key.
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET_STD).view(3, 1, 1), persistent=False)
        self.stem = nn.Sequential(ConvNorm((3, 64), 3, stride=2), ConvNorm((64, 64), 3, stride=2))
        self.widen = Bottleneck(64, 64, 256)
        self.units = nn.Sequential(ShuffleUnit(256), ShuffleUnit(256), ShuffleUnit(256))
        self.narrow = ConvNorm((256, 32), 3)
        self.blocks = nn.Sequential(RegressionBlock(32), RegressionBlock(32))
        self.head = nn.Conv2d(32, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, ⌈H/4⌉, ⌈W/4⌉), linear, of images (B, 3, H, W) in [0, 1]."""
        features = self.stem((images - self.mean) / self.std)  # (B, 64, H/4, W/4)
        features = self.units(self.widen(features))  # (B, 256, H/4, W/4)
        features = self.blocks(self.narrow(features))  # (B, 32, H/4, W/4)
        return torch.as_tensor(self.head(features))
