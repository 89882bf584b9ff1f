"""SPIRE's network HRPE: an encoder at stride 4 and one linear head. Ni et al., arXiv 2604.05363."""

import torch
from torch import Tensor, nn

from irstd.models.blocks import Bottleneck, ConvNorm, Stem
from irstd.models.spire.blocks import RegressionBlock, ShuffleUnit


class HRPE(nn.Module):
    """294,753 parameters; 4.84 GMAC at 512 × 512 px; PyTorch's own initialisation [ours, the paper names none]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Stem()
        self.widen = Bottleneck(64, 64, 256)
        self.units = nn.Sequential(ShuffleUnit(256), ShuffleUnit(256), ShuffleUnit(256))
        self.narrow = ConvNorm((256, 32), 3)
        self.blocks = nn.Sequential(RegressionBlock(32), RegressionBlock(32))
        self.head = nn.Conv2d(32, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, ⌈H/4⌉, ⌈W/4⌉), linear, of images (B, 3, H, W) in [0, 1]."""
        features = self.stem(images)  # (B, 64, H/4, W/4)
        features = self.units(self.widen(features))  # (B, 256, H/4, W/4)
        features = self.blocks(self.narrow(features))  # (B, 32, H/4, W/4)
        return torch.as_tensor(self.head(features))
