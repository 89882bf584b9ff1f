"""HRNet's module of parallel branches (Wang et al., TPAMI 2021), plain and with dynamic kernels.

Branches are a tuple of features, the finest first, each half the size of the one before.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.blocks import ConvNorm, MakeConv, plain_conv
from irstd.models.sshdnet.odconv import ODConv

BLOCKS = 4  # basic blocks a branch

Branches = tuple[Tensor, ...]


class BasicBlock(nn.Module):
    """ResNet's basic block: two 3×3 convolutions and the features themselves."""

    def __init__(self, channels: int, *, conv: MakeConv = plain_conv) -> None:
        super().__init__()
        self.first = ConvNorm((channels, channels), 3, conv=conv)
        self.second = ConvNorm((channels, channels), 3, relu=False, conv=conv)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) of the same."""
        return F.relu(self.second(self.first(features)) + features)


class Fusion(nn.Module):
    """Every branch brought to the size and channels of each output, summed, and ReLU: HRNet's all-to-all fusion."""

    def __init__(self, channels: tuple[int, ...], outputs: int | None = None) -> None:
        """Fuse branches of `channels` into the first `outputs` of them, or all."""
        super().__init__()
        self.outputs = nn.ModuleList(
            nn.ModuleList(_path(channels, source, goal) for source in range(len(channels)))
            for goal in range(len(channels) if outputs is None else outputs)
        )

    def forward(self, branches: Branches) -> Branches:
        """Return one branch an output."""
        return tuple(_fused(paths, branches) for paths in self.outputs)


class StageModule(nn.Module):
    """Four basic blocks a branch, then all-to-all fusion.

    With `dynamic` it is the OD-StageModule: both convolutions of each branch's first block are ODConv.
    """

    def __init__(self, channels: tuple[int, ...], *, dynamic: bool = False, outputs: int | None = None) -> None:
        super().__init__()
        first = ODConv if dynamic else plain_conv
        self.branches = nn.ModuleList(
            nn.Sequential(BasicBlock(each, conv=first), *(BasicBlock(each) for _ in range(BLOCKS - 1)))
            for each in channels
        )
        self.fusion = Fusion(channels, outputs)

    def forward(self, branches: Branches) -> Branches:
        """Return the first `outputs` branches, or all."""
        worked = tuple(blocks(branch) for blocks, branch in zip(self.branches, branches, strict=True))
        fused: Branches = self.fusion(worked)
        return fused


def raising(channels: tuple[int, int], factor: int) -> nn.Sequential:
    """Build a path to a branch `factor` times as fine: 1×1 convolution, BatchNorm, nearest neighbour."""
    return nn.Sequential(ConvNorm(channels, 1, relu=False), nn.Upsample(scale_factor=float(factor), mode="nearest"))


def _path(channels: tuple[int, ...], source: int, goal: int) -> nn.Module:
    """Build the path from branch `source` to `goal`; downward one 3×3 of stride 2 a step, only the last widens."""
    if source == goal:
        return nn.Identity()
    ends = channels[source], channels[goal]
    if source > goal:
        return raising(ends, 2 ** (source - goal))
    steps = [ConvNorm((ends[0], ends[0]), 3, stride=2) for _ in range(goal - source - 1)]
    return nn.Sequential(*steps, ConvNorm(ends, 3, stride=2, relu=False))


def _fused(paths: nn.Module, branches: Branches) -> Tensor:
    parts = [path(branch) for path, branch in zip(paths.children(), branches, strict=True)]
    return F.relu(sum(parts[1:], parts[0]))
