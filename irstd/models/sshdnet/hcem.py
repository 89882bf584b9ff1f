"""HCEM, SSHD-Net's high-resolution cross-feature extraction module, and its SFCC. Wu et al., arXiv 2408.01976."""

from itertools import pairwise

from torch import nn
from torch.nn import functional as F

from irstd.models.blocks import ConvNorm
from irstd.models.sshdnet.stage import BLOCKS, BasicBlock, Branches, Fusion, raising


class SFCC(nn.Module):
    """Stepped feature cascade channels: a way down and a way up between neighbouring branches.

    Down is a 3×3 of stride 2, up a 1×1 and nearest neighbour, both with BatchNorm. Each step reads the result of the
    step before.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        steps = list(pairwise(channels))
        self.down = nn.ModuleList(ConvNorm(step, 3, stride=2, relu=False) for step in steps)
        self.up = nn.ModuleList(raising((coarse, fine), 2) for fine, coarse in steps)

    def descend(self, branches: Branches) -> Branches:
        """Add each branch to the next coarser one, finest first, with ReLU."""
        found = list(branches)
        for fine in range(len(found) - 1):
            found[fine + 1] = F.relu(found[fine + 1] + self.down[fine](found[fine]))
        return tuple(found)

    def climb(self, branches: Branches) -> Branches:
        """Add each branch to the next finer one, coarsest first, with ReLU."""
        found = list(branches)
        for fine in range(len(found) - 2, -1, -1):
            found[fine] = F.relu(found[fine] + self.up[fine](found[fine + 1]))
        return tuple(found)


class HCEM(nn.Module):
    """Four basic blocks in lockstep on all branches: SFCC downward after the first and third, upward after the others.

    Both passes in a direction share their weights. HRNet's fusion comes last.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.ModuleList(BasicBlock(each) for each in channels) for _ in range(BLOCKS))
        self.sfcc = SFCC(channels)
        self.fusion = Fusion(channels)

    def forward(self, branches: Branches) -> Branches:
        """Return branches of the same shapes."""
        for number, blocks in enumerate(self.blocks):
            worked = tuple(block(branch) for block, branch in zip(blocks.children(), branches, strict=True))
            branches = self.sfcc.descend(worked) if number % 2 == 0 else self.sfcc.climb(worked)
        fused: Branches = self.fusion(branches)
        return fused
