"""Coordinate attention (Hou et al., CVPR 2021), as SSHD-Net uses it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LEAST_HIDDEN = 8
_RATIO = 32


class CoordAtt(nn.Module):
    """Features times a gate in (0, 1) for each channel and row and one for each channel and column.

    The gates come from the means along rows and along columns, which share a 1×1 convolution to max(8, C / 32)
    channels, a BatchNorm and an h-swish; all three 1×1 convolutions have a bias.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(_LEAST_HIDDEN, channels // _RATIO)
        self.squeeze = nn.Conv2d(channels, hidden, 1)
        self.norm = nn.BatchNorm2d(hidden)
        self.rows = nn.Conv2d(hidden, channels, 1)
        self.columns = nn.Conv2d(hidden, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        height, width = features.shape[2:]
        of_rows = features.mean(dim=3, keepdim=True)  # (B, C, H, 1)
        of_columns = features.mean(dim=2, keepdim=True).transpose(2, 3)  # (B, C, W, 1)
        joint = F.hardswish(self.norm(self.squeeze(torch.cat((of_rows, of_columns), dim=2))))
        rows, columns = torch.split(joint, [height, width], dim=2)
        return features * torch.sigmoid(self.rows(rows)) * torch.sigmoid(self.columns(columns.transpose(2, 3)))
