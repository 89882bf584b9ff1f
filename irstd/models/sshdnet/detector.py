"""SSHD-Net as a detector: one point a target. Wu, Ni et al., arXiv 2408.01976."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from torch import Tensor

from irstd.errors import ModelError
from irstd.models.base import InputRule, Rules
from irstd.models.entry import DetectorEntry
from irstd.models.response import ResponseDetector, ResponseSettings
from irstd.models.sshdnet.network import SSHDNetwork
from irstd.settings.bounds import Bounds

# How the authors decode their own maps; that they keep at most eight is said of SPIRE's head, which is the same one.
OFFICIAL_RULES = Rules(threshold=0.2, value_range=0.2, most=8)

_COARSEST = 32  # input px a cell of the last branch


@dataclass(frozen=True)
class SSHDNetSettings(ResponseSettings):
    """Settings of the SSHD-Net detector.

    Attributes:
        gain: of BatchNorm where a block, a fusion or a staircase is added to a branch, before training: 0.1 is ours, 1
            PyTorch's own, as the authors have it.
    """

    multiple = _COARSEST

    gain: Annotated[float, Bounds(above=0, most=1)] = 0.1


class SSHDNet(ResponseDetector):
    """SSHD-Net with branches of `width`, 2, 4 and 8 × `width` channels: 32 is the paper's, 16 and 8 are ours."""

    network: SSHDNetwork
    rules = OFFICIAL_RULES
    label = "gaussian"
    paper = "Wu, Ni et al., SSHD-Net, arXiv 2408.01976 (2024)"

    def __init__(self, settings: SSHDNetSettings, width: int = 32) -> None:
        rule = InputRule(color=settings.color, channels=3, size=settings.size, multiple=_COARSEST)
        super().__init__(rule, SSHDNetwork(width, settings.gain), settings.centre)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H/4, W/4), linear, of images (B, 3, H, W) in [0, 1], H and W multiples of 32.

        Raises:
            ModelError: a training batch of one image; BatchNorm over global means needs two.
        """
        if self.training and len(images) == 1:
            raise ModelError("sshdnet: cannot train on one image at a time (ODConv); set train.batch to 2 or more")
        return super().forward(images)


def _entry(width: int) -> DetectorEntry:
    return DetectorEntry(
        f"sshdnet-w{width}", partial(SSHDNet, width=width), SSHDNetSettings, SSHDNet.loss, SSHDNet.paper
    )


W32, W16, W8 = _entry(32), _entry(16), _entry(8)
