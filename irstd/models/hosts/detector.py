"""A host as a detector."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from irstd.models.base import InputRule
from irstd.models.hosts.base import Host
from irstd.models.mask import MaskDetector

# Grey levels of infrared frames in [0, 1], about what SIRST-V1 and NUDT-SIRST have. Constants, not a dataset's own
# statistics: a bundle then means the same on any frame. [ours]
_MEAN, _STD = 0.42, 0.14


@dataclass(frozen=True)
class HostSettings:
    """What may differ between one detector of a host and another.

    Attributes:
        color: `grey` (one channel, the luma) or `rgb` (a frame's own three).
    """

    color: Literal["grey", "rgb"] = "grey"

    @property
    def channels(self) -> int:
        """What the network reads."""
        return 1 if self.color == "grey" else 3


class HostDetector(MaskDetector):
    """A host on frames at their own size, padded at right and bottom to a multiple that it can take."""

    def __init__(self, host: Host, settings: HostSettings) -> None:
        super().__init__(InputRule(settings.color, settings.channels, size=None, multiple=host.multiple))
        self.host, self.loss, self.paper = host, host.loss, host.paper

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, 1, H, W) of images (B, C, H, W) in [0, 1]."""
        return self.paths(images)[0][0]

    def paths(self, images: Tensor) -> tuple[tuple[Tensor, ...], ...]:
        """One path with all the outputs of the host."""
        outputs: tuple[Tensor, ...] = self.host(normalised(images))
        return (outputs,)


def normalised(images: Tensor) -> Tensor:
    """Images (B, C, H, W) in [0, 1] as a host takes them: about zero mean and unit deviation."""
    return (images - _MEAN) / _STD
