"""ACM: asymmetric contextual modulation. Dai et al., WACV 2021."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from irstd.models.hosts.base import Decoder, Encoder, Features, Host
from irstd.models.hosts.blocks import Asym, Head, Stem4, doubled, enlarged, residual_stage, resized
from irstd.models.hosts.detector import HostSettings, host_entry


@dataclass(frozen=True)
class AcmSettings(HostSettings):
    """Settings of the ACM host.

    Attributes:
        form: `unet` (3 blocks a stage, the one in the tables) or `fpn` (4 blocks a stage, a lighter decoder).
    """

    form: Literal["unet", "fpn"] = "unet"


class ResidualEncoder(Encoder):
    """Stem4 and three stages of residual blocks: strides 4, 8 and 16. Skips: stages 1 and 2."""

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.stem = Stem4(channels)
        self.stage1 = residual_stage((16, 16), blocks)
        self.stage2 = residual_stage((16, 32), blocks, stride=2)
        self.stage3 = residual_stage((32, 64), blocks, stride=2)

    def forward(self, images: Tensor) -> Features:
        """Deep (B, 64, H/16, W/16), skips (B, 16, H/4, W/4) and (B, 32, H/8, W/8)."""
        first = self.stage1(self.stem(images))
        second = self.stage2(first)
        return Features(self.stage3(second), (first, second))


class UnetDecoder(Decoder):
    """Twice: transposed convolution, modulation with the skip, three residual blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.up2, self.up1 = doubled(64), doubled(32)
        self.asym2, self.asym1 = Asym(32), Asym(16)
        self.blocks2, self.blocks1 = residual_stage((32, 32), 3), residual_stage((16, 16), 3)
        self.head = Head(16)

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """One map of logits, (B, 1, H, W)."""
        first, second = features.skips
        deep = self.blocks2(self.asym2(self.up2(features.deep), second))
        deep = self.blocks1(self.asym1(self.up1(deep), first))
        return (enlarged(self.head(deep), 4, corners=False),)


class FpnDecoder(Decoder):
    """Twice: bilinear enlargement, 1×1 to the skip's width, modulation with the skip."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow2, self.narrow1 = _narrow(64), _narrow(32)
        self.asym2, self.asym1 = Asym(32), Asym(16)
        self.head = Head(16)

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """One map of logits, (B, 1, H, W)."""
        first, second = features.skips
        deep = self.asym2(self.narrow2(resized(features.deep, second, corners=False)), second)
        deep = self.asym1(self.narrow1(resized(deep, first, corners=False)), first)
        return (enlarged(self.head(deep), 4, corners=False),)


class ACM(Host):
    """397,823 parameters as a U-Net, 387,039 as an FPN, at one channel.

    The form of the benchmark tables: stride-4 stem and 3 blocks a stage; the authors' released U-Net weights have a
    stride-1 stem and 4. BatchNorm momentum 0.1 throughout [ours]: the port's 0.9 means the opposite in PyTorch.
    """

    channels, stride = 64, 16
    loss = "soft_iou"
    paper = "Dai et al., Asymmetric Contextual Modulation for Infrared Small Target Detection, WACV 2021"

    def __init__(self, settings: AcmSettings) -> None:
        if settings.form == "unet":
            super().__init__(ResidualEncoder(settings.channels, blocks=3), UnetDecoder())
        else:
            super().__init__(ResidualEncoder(settings.channels, blocks=4), FpnDecoder())


def _narrow(channels: int) -> nn.Sequential:
    half = channels // 2
    return nn.Sequential(nn.Conv2d(channels, half, 1), nn.BatchNorm2d(half), nn.ReLU())


ENTRY = host_entry("acm", ACM, AcmSettings)
