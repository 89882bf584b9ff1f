"""SSHD-Net's network. Wu, Ni et al., arXiv 2408.01976.

Modules and figure are the paper's; layer order and widths are those of the released code of its direct successor by the
same group (P2P-HDNet, TGRS 2025), whose 28,735,256 parameters this network has at width 32. [ours]: HMRM is read as the
two plain modules of stage 4, DCFM as the dynamic module that ends stages 3 and 4 with the attention behind it;
PyTorch's own initialisation but for `_quieten` and ODConv; SPIRE's normalisation of the input; every width but 32.
"""

import torch
from torch import Tensor, nn

from irstd.models.blocks import Bottleneck, ConvNorm, Stem, plain_conv
from irstd.models.sshdnet.attention import CoordAtt
from irstd.models.sshdnet.dcfm import DCFM
from irstd.models.sshdnet.hcem import HCEM
from irstd.models.sshdnet.odconv import ODConv
from irstd.models.sshdnet.stage import Branches, StageModule


class SSHDNetwork(nn.Module):
    """HRNet with dynamic kernels, attention and a staircase between its branches.

    The branches have w, 2w, 4w and 8w channels at strides 4, 8, 16 and 32, with w the width.
    """

    def __init__(self, width: int, gain: float = 0.1) -> None:
        """Build it with `gain` (0 to 1, not 0) for all that is added to a branch, before training."""
        super().__init__()
        four = (width, 2 * width, 4 * width, 8 * width)
        two, three = four[:2], four[:3]
        self.stem = Stem()
        self.widen = nn.Sequential(
            Bottleneck(64, 64, 256), *(Bottleneck(256, 64, 256, conv=conv) for conv in (plain_conv, plain_conv, ODConv))
        )
        self.finest = ConvNorm((256, two[0]), 3)
        self.second = ConvNorm((256, two[1]), 3, stride=2)
        self.stage2 = StageModule(two)
        self.attention = CoordAtt(width)
        self.third = ConvNorm((three[1], three[2]), 3, stride=2)
        self.stage3 = nn.Sequential(StageModule(three), HCEM(three), StageModule(three), DCFM(three, attended=2))
        self.fourth = ConvNorm((four[2], four[3]), 3, stride=2)
        self.hmrm = nn.Sequential(StageModule(four), StageModule(four))
        self.dcfm = DCFM(four, attended=1, outputs=1)
        self.head = nn.Conv2d(width, 1, 1)
        _quieten(gain, self.stage2, self.stage3, self.hmrm, self.dcfm)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H/4, W/4), linear, of images (B, 3, H, W) in [0, 1], H and W multiples of 32."""
        features = self.widen(self.stem(images))  # (B, 256, H/4, W/4)
        branches: Branches = self.stage2((self.finest(features), self.second(features)))
        branches = (self.attention(branches[0]), branches[1], self.third(branches[1]))
        branches = self.stage3(branches)
        branches = (*branches, self.fourth(branches[2]))
        (features,) = self.dcfm(self.hmrm(branches))  # (B, w, H/4, W/4)
        return torch.as_tensor(self.head(features))


def _quieten(gain: float, *stages: nn.Module) -> None:
    """Scale what blocks, fusions and staircases add by `gain`, so that at 0.1 each branch starts near its input. [ours]

    At full strength the coarse branches drown targets of a few pixels, and the response stays empty for hundreds of
    steps (docs/recipes.md).
    """
    for stage in stages:
        for part in stage.modules():
            if isinstance(part, ConvNorm) and not part.relu:  # those whose output is added, and ReLU after that
                nn.init.constant_(part.norm.weight, gain)
