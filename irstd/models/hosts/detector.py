"""A host as a detector."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from torch import Tensor

from irstd.models.base import InputRule
from irstd.models.entry import DetectorEntry
from irstd.models.hosts.base import Host
from irstd.models.mask import MaskDetector

# Grey levels of infrared frames in [0, 1], about what SIRST-V1 and NUDT-SIRST have. Constants, not a dataset's own
# statistics: a bundle then means the same on any frame. [ours]
_MEAN, _STD = 0.42, 0.14


@dataclass(frozen=True)
class HostSettings:
    """Settings of a host as a detector.

    Attributes:
        color: `grey` (one channel, the luma) or `rgb` (a frame's own three).
    """

    color: Literal["grey", "rgb"] = "grey"

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return 1 if self.color == "grey" else 3


class HostDetector(MaskDetector):
    """A host on frames at their own size, padded at right and bottom to the multiple it needs."""

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
    """Normalise images (B, C, H, W) in [0, 1] to about zero mean and unit deviation."""
    return (images - _MEAN) / _STD


def host_entry(name: str, host: type[Host], settings: type[HostSettings] = HostSettings) -> DetectorEntry:
    """Return the registry entry of a host, built as `host(settings)`."""
    return DetectorEntry(name, partial(build_host, host), settings, host.loss, host.paper)


def build_host(host: Callable[[Any], Host], settings: HostSettings) -> HostDetector:
    """Build a host as a detector."""
    return HostDetector(host(settings), settings)
