"""DCFM, SSHD-Net's dynamic coordinate fusion module. Wu et al., arXiv 2408.01976."""

from torch import Tensor, nn

from irstd.models.sshdnet.attention import CoordAtt
from irstd.models.sshdnet.stage import Branches, StageModule


class DCFM(nn.Module):
    """An OD-StageModule, and coordinate attention on the first of its outputs.

    Layers and order are the authors'; reading these two parts as the figure's DCFM is ours [ours].
    """

    def __init__(self, channels: tuple[int, ...], attended: int, outputs: int | None = None) -> None:
        """Fuse branches of `channels` into the first `outputs` of them (or all), with attention on `attended`."""
        super().__init__()
        self.stage = StageModule(channels, dynamic=True, outputs=outputs)
        self.attention = nn.ModuleList(CoordAtt(each) for each in channels[:attended])

    def forward(self, branches: Branches) -> Branches:
        """The first `outputs` branches, or all."""
        fused: Branches = self.stage(branches)
        attended: list[Tensor] = [attend(branch) for attend, branch in zip(self.attention, fused, strict=False)]
        return (*attended, *fused[len(attended) :])
