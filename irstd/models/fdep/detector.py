"""FDEP around any host: the foundation model's features on one path of training, none in the deployed network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from torch import Tensor, nn

from irstd.errors import ModelError
from irstd.models.fdep.cache import FeatureCache
from irstd.models.fdep.foundation import Foundation, Statistics
from irstd.models.fdep.samf import SAMF
from irstd.models.fdep.weights import HUB, RANDOM
from irstd.models.hosts import HostDetector, normalised
from irstd.models.mask import MaskDetector
from irstd.models.view import FrameView, sampled
from irstd.settings.bounds import Bounds, Section

PAPER = "Yu et al., FDEP, arXiv 2512.05511 (2025)"
_TAPS = 4


@dataclass(frozen=True)
class FdepSettings(Section):
    """Settings of FDEP around a host.

    Attributes:
        host: settings of the host.
        foundation: a ViT of timm. The paper says "DINO"; DINOv3 S/16 is our reading.
        weights: `hub`, the path or the content of a safetensors file, or `random`.
        taps: indices of four of its blocks, ascending from 0; None: evenly spaced. [ours]
        norm: its final norm is applied to each of them. [ours]
        side: px of the longer side of what it reads; None: the size of the image itself.
        view: what it reads, the image that the host sees in training (`crop`), or the whole frame, whose features are
            then sampled at the place of the crop (`frame`).
        statistics: mean and deviation by which its images were normalised, `imagenet` or `half`; needed where `weights`
            is a file; None: timm's for `foundation`.
        multiplier: SAMF's multiplier m as drawn (`plain`), or 1 + m (`residual`).
        start: SAMF begins as the `identity`, or as PyTorch makes it (`fresh`, as fits of older code). [ours]
        cache: folder for features of recurring images; None: no cache.
    """

    host: dict[str, Any] = field(default_factory=dict)
    foundation: str = "vit_small_patch16_dinov3.lvd1689m"
    weights: str | bytes = field(default=HUB, repr=False)
    taps: tuple[int, int, int, int] | None = None
    norm: bool = False
    side: Annotated[int, Bounds(least=16, most=4096)] | None = None
    view: Literal["crop", "frame"] = "crop"
    statistics: Statistics | None = None
    multiplier: Literal["plain", "residual"] = "plain"
    start: Literal["identity", "fresh"] = "identity"
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
        self.cache = None if settings.cache is None else FeatureCache(foundation, Path(settings.cache))
        self.reads_frames = settings.view == "frame"
        form = {"residual_gain": settings.multiplier == "residual", "identity": settings.start == "identity"}
        self.samf = nn.ModuleList(SAMF(host.host.channels, foundation.channels, **form) for _ in self.taps)
        if foundation.weights == RANDOM:
            self.warnings = (f"trained beside a random {foundation.name}: a test or a demo, no result of FDEP",)

    def forward(self, images: Tensor) -> Tensor:
        """The host's logits (B, 1, H, W) of images (B, C, H, W) in [0, 1]."""
        raw: Tensor = self.plain(images)
        return raw

    def paths(self, images: Tensor, views: Sequence[FrameView] = ()) -> tuple[tuple[Tensor, ...], ...]:
        """The outputs of the main path, then of the light one; `views`: the whole frame of each image, or none."""
        host = self.plain.host
        features = host.encoder(normalised(images))
        deep = features.deep
        for fuse, tapped in zip(self.samf, self._seen(images, views, deep), strict=True):
            deep = fuse(deep, tapped)
        with _statistics_kept(host.decoder):  # the light path ships, so it alone makes them [ours]
            main: tuple[Tensor, ...] = host.decoder(features._replace(deep=deep))
        light: tuple[Tensor, ...] = host.decoder(features)
        return main, light

    def _seen(self, images: Tensor, views: Sequence[FrameView], deep: Tensor) -> tuple[Tensor, ...]:
        """Return the features at each tap (B, D, any, any); with a cache on the grid of the bottleneck `deep`."""
        grid = (deep.shape[2], deep.shape[3])
        if views:
            crop = (images.shape[2], images.shape[3])
            frames = [view.frame[None].to(images.device) for view in views]
            each = [
                [sampled(tap, view, crop, grid) for tap in self._read(frame, None)]
                for frame, view in zip(frames, views, strict=True)
            ]
            return tuple(torch.cat(taps) for taps in zip(*each, strict=True))
        return self._read(images, grid)

    def _read(self, images: Tensor, grid: tuple[int, int] | None) -> tuple[Tensor, ...]:
        if self.cache is None:
            return self.foundation.features(images, self.taps)
        return self.cache.features(images, self.taps, grid)

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
