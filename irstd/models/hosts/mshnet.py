"""MSHNet: a plain U-Net with attention and a head at every scale. Liu et al., CVPR 2024."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.hosts.base import Decoder, Encoder, Features, Host
from irstd.models.hosts.blocks import attention_stage, enlarged
from irstd.models.hosts.detector import HostSettings, host_entry

_WIDTHS = (16, 32, 64, 128, 256)


class MultiScaleEncoder(Encoder):
    """1×1 to 16 channels, then five stages with max-pooling between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(channels, _WIDTHS[0], 1)
        pairs = zip((_WIDTHS[0], *_WIDTHS[:-1]), _WIDTHS, strict=True)
        self.stages = nn.ModuleList(attention_stage(pair, 2 if row else 1) for row, pair in enumerate(pairs))

    def forward(self, images: Tensor) -> Features:
        """Deep (B, 256, H/16, W/16), skips of 16, 32, 64, 128 channels at strides 1, 2, 4, 8."""
        maps = [self.stages[0](self.widen(images))]
        for stage in self.stages[1:]:
            maps.append(stage(F.max_pool2d(maps[-1], 2)))
        return Features(maps[-1], tuple(maps[:-1]))


class MultiScaleDecoder(Decoder):
    """Four stages up, a 1×1 head on each, and a 3×3 over the heads' maps."""

    def __init__(self) -> None:
        super().__init__()
        skips = _WIDTHS[:-1]
        self.stages = nn.ModuleList(
            attention_stage((width + below, width), 2 if row else 1)
            for row, (width, below) in enumerate(zip(skips, _WIDTHS[1:], strict=True))
        )
        self.heads = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in skips)
        self.fuse = nn.Conv2d(len(skips), 1, 3, padding=1)

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """Five maps of logits: the fused one at full size, then M0 to M3 at strides 1, 2, 4, 8."""
        deep = features.deep
        scales: list[Tensor] = []
        for stage, head, skip in reversed(list(zip(self.stages, self.heads, features.skips, strict=True))):
            deep = stage(torch.cat((skip, enlarged(deep, 2, corners=True)), dim=1))
            scales.insert(0, head(deep))
        full = [scales[0], *(enlarged(scale, 2**row, corners=True) for row, scale in enumerate(scales[1:], start=1))]
        return (self.fuse(torch.cat(full, dim=1)), *scales)


class MSHNet(Host):
    """4,065,481 parameters at one channel; five outputs.

    All outputs are always computed. During its loss's warm-up (`irstd.losses.table.SLS_WARM_UP`) the paper predicts by
    M0 alone, which is all that is trained then; here the prediction is the fused map throughout [ours].
    """

    channels, stride = _WIDTHS[-1], 16
    loss = "sls"
    paper = "Liu et al., Infrared Small Target Detection with Scale and Location Sensitivity, CVPR 2024"

    def __init__(self, settings: HostSettings) -> None:
        super().__init__(MultiScaleEncoder(settings.channels), MultiScaleDecoder())


ENTRY = host_entry("mshnet", MSHNet)
