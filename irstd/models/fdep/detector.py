"""FDEP around any host: the foundation model's features on one path of training, none in the deployed network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from torch import Tensor, nn

from irstd.errors import ModelError
from irstd.models.fdep.cache import FeatureCache
from irstd.models.fdep.foundation import Foundation
from irstd.models.fdep.samf import SAMF
from irstd.models.fdep.weights import HUB, RANDOM
from irstd.models.hosts import HostDetector, normalised
from irstd.models.mask import MaskDetector
from irstd.settings.bounds import Section

PAPER = "Yu et al., FDEP, arXiv 2512.05511 (2025)"
_TAPS = 4


@dataclass(frozen=True)
class FdepSettings(Section):
    """Settings of FDEP around a host.

    Attributes:
        host: settings of the host.
        foundation: a ViT of timm. The paper says "DINO"; DINOv3 S/16 is our reading.
        weights: `hub`, the path or the content of a safetensors file, or `random`.
        taps: indices of four of its blocks, ascending; None: evenly spaced. [ours]
        multiplier: SAMF's multiplier m as drawn (`plain`), or 1 + m (`residual`).
        cache: folder for features of recurring images (whole frames only); None: no cache.
    """

    host: dict[str, Any] = field(default_factory=dict)
    foundation: str = "vit_small_patch16_dinov3.lvd1689m"
    weights: str | bytes = field(default=HUB, repr=False)
    taps: tuple[int, int, int, int] | None = None
    multiplier: Literal["plain", "residual"] = "plain"
    cache: str | None = None

    def _relations(self) -> dict[str, bool | str]:
        ascend = self.taps is None or (self.taps[0] >= 0 and sorted(set(self.taps)) == list(self.taps))
        return {"taps": ascend or f"must ascend from 0 up, not {self.taps}"}


class FDEP(MaskDetector):
    """A host in training by CO-ISD: encoder once, decoder twice, once with four SAMF in series at the bottleneck.

    Both paths use the same label and the host's own loss, equally weighted [ours]; no term compares them. The light
    path is the detector: `forward` and `deployed` are the plain host's.
    """

    def __init__(self, host: HostDetector, foundation: Foundation, settings: FdepSettings) -> None:
        """Wrap `host`, which is trained in place.

        Raises:
            ModelError: a tap that the foundation model does not have.
        """
        super().__init__(host.input)
        self.plain, self.loss, self.paper = host, host.loss, PAPER
        self.foundation, self.taps = foundation, settings.taps or foundation.even_taps(_TAPS)
        if self.taps[-1] >= foundation.blocks:
            raise ModelError(f"fdep: taps {list(self.taps)}: {foundation.name} has blocks 0 to {foundation.blocks - 1}")
        self.lineage = {"foundation": foundation.name, "foundation_weights": foundation.weights}
        self.teacher = foundation if settings.cache is None else FeatureCache(foundation, Path(settings.cache))
        residual = settings.multiplier == "residual"
        self.samf = nn.ModuleList(
            SAMF(host.host.channels, foundation.channels, residual_gain=residual) for _ in self.taps
        )
        if foundation.weights == RANDOM:
            self.warnings = (f"trained beside a random {foundation.name}: a test or a demo, no result of FDEP",)

    def forward(self, images: Tensor) -> Tensor:
        """The host's logits (B, 1, H, W) of images (B, C, H, W) in [0, 1]."""
        raw: Tensor = self.plain(images)
        return raw

    def paths(self, images: Tensor) -> tuple[tuple[Tensor, ...], ...]:
        """The outputs of the main path, then of the light one."""
        host = self.plain.host
        features = host.encoder(normalised(images))
        deep = features.deep
        for fuse, tapped in zip(self.samf, self.teacher.features(images, self.taps), strict=True):
            deep = fuse(deep, tapped)
        with _statistics_kept(host.decoder):  # the light path ships, so it alone makes them [ours]
            main: tuple[Tensor, ...] = host.decoder(features._replace(deep=deep))
        light: tuple[Tensor, ...] = host.decoder(features)
        return main, light

    def deployed(self) -> HostDetector:
        """The plain host."""
        return self.plain


@contextmanager
def _statistics_kept(module: nn.Module) -> Iterator[None]:
    """Let BatchNorm layers in `module` normalise by the batch without updating their running statistics."""
    norms = [each for each in module.modules() if isinstance(each, nn.BatchNorm2d) and each.track_running_stats]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
