"""ALCNet in the form of the benchmark tables. Dai et al., TGRS 2021."""

from torch import Tensor

from irstd.models.hosts.acm import ResidualEncoder
from irstd.models.hosts.base import Decoder, Features, Host
from irstd.models.hosts.blocks import Asym, Head, doubled, enlarged
from irstd.models.hosts.detector import HostSettings, host_entry


class AlcDecoder(Decoder):
    """Three transposed convolutions, the first two followed by modulation with a skip; the head at stride 2."""

    def __init__(self) -> None:
        super().__init__()
        self.up2, self.up1, self.up0 = doubled(64), doubled(32), doubled(16)
        self.asym2, self.asym1 = Asym(32), Asym(16)
        self.head = Head(8)

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """One map of logits, (B, 1, H, W)."""
        first, second = features.skips
        deep = self.asym2(self.up2(features.deep), second)
        deep = self.asym1(self.up1(deep), first)
        return (enlarged(self.head(self.up0(deep)), 2, corners=False),)


class ALCNet(Host):
    """426,961 parameters at one channel.

    This is the toolbox's form, the one that the tables score; it has **no local-contrast step**, which gives the
    authors' own network its name. The port's two stacks of blocks that its forward never calls (92,928 parameters,
    so that tables say 0.52 M) are left out.
    """

    channels, stride = 64, 16
    loss = "soft_iou"
    paper = "Dai et al., Attentional Local Contrast Networks for Infrared Small Target Detection, TGRS 2021"

    def __init__(self, settings: HostSettings) -> None:
        super().__init__(ResidualEncoder(settings.channels, blocks=4), AlcDecoder())


ENTRY = host_entry("alcnet", ALCNet)
