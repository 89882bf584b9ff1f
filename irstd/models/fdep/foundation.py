"""A frozen vision transformer from timm."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from irstd.models.fdep.weights import HUB, RANDOM, check_statistics, create_vit, find_weights

Statistics = Literal["imagenet", "half"]


@dataclass(frozen=True)
class Reading:
    """How a foundation model reads images and gives features.

    Attributes:
        side: length in px to which the longer side of an image is brought; None: the image's own size.
        norm: the model's final norm is applied to every tap, as uses of DINOv2 do.
        statistics: mean and deviation of the images it learned from, `imagenet` or `half` (0.5 and 0.5); None: those
            that timm knows for the name.
    """

    side: int | None = None
    norm: bool = False
    statistics: Statistics | None = None


_STATISTICS = {"imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), "half": ((0.5,) * 3, (0.5,) * 3)}
_AS_IT_COMES = Reading()


class Foundation:
    """A frozen ViT. It is not a submodule of the detector, so its weights are never trained, saved or shipped.

    Attributes:
        name: timm's name of the model.
        weights: `random`, or the SHA-256 of their file.
        channels: number of feature channels.
        blocks: number of blocks.
        features: `_features`, excluded from torch.compile.
    """

    features: Callable[[Tensor, tuple[int, ...]], tuple[Tensor, ...]]

    def __init__(self, name: str, weights: str | bytes, reading: Reading = _AS_IT_COMES) -> None:
        """Build `name` with its weights; on torch's meta device only check that both are available.

        Args:
            name: a ViT of timm, such as `vit_small_patch16_dinov3.lvd1689m`.
            weights: `hub` (timm's own, downloaded once), `random` (tests and demos only), or a safetensors file in
                timm's own keys: its path or its content.
            reading: what it does with images.

        Raises:
            ModelError: timm has no such model, it is no ViT, the weights cannot be found or are of another network, or
                a file comes without the statistics of its images; says what to do.
        """
        self.name, self.reading = name, reading
        with torch.device("meta"):  # whether it is a ViT, before any weights are looked for
            create_vit(name)
        content, where = _content(name, weights)
        self.weights = RANDOM if content is None else hashlib.sha256(content).hexdigest()
        self._vit = create_vit(name, content, where).eval().requires_grad_(False)
        if isinstance(weights, str) and weights not in (HUB, RANDOM):
            check_statistics(name, reading.statistics)
        config = self._vit.pretrained_cfg
        self.channels, self.blocks = int(self._vit.num_features), len(self._vit.blocks)
        self._patch = tuple(int(side) for side in self._vit.patch_embed.patch_size)
        known = (config["mean"], config["std"]) if reading.statistics is None else _STATISTICS[reading.statistics]
        self._mean, self._std = (torch.tensor(values).view(1, 3, 1, 1) for values in known)
        # No decorator: it would load the compiler with this module, which takes a second.
        self.features = torch.compiler.disable(self._features)  # type: ignore[no-untyped-call]  # torch has no types for it

    def __deepcopy__(self, memo: object) -> "Foundation":
        """Return itself: copies of a detector share the frozen model."""
        return self

    def even_taps(self, count: int) -> tuple[int, ...]:
        """Choose `count` block indices, evenly spaced, the last block included."""
        return tuple((index + 1) * self.blocks // count - 1 for index in range(count))

    def _features(self, images: Tensor, taps: tuple[int, ...]) -> tuple[Tensor, ...]:
        """Return the outputs (B, channels, h, w) of the blocks `taps`, without class and register tokens or gradient.

        Images are brought to `Reading.side`, if there is one, and enlarged to the next multiple of the patch; a patch
        of 16 px leaves a host's input unchanged. 256 px are 266 for a patch of 14, 19 × 19 tokens.

        Args:
            images: (B, 1 or 3, H, W) in [0, 1].
            taps: blocks, ascending.
        """
        if images.device != self._mean.device:  # it follows the detector, of which it is no module
            self._vit.to(images.device)
            self._mean, self._std = self._mean.to(images.device), self._std.to(images.device)
        with torch.inference_mode():
            colour = (images.expand(-1, 3, -1, -1) - self._mean) / self._std
            size = self._size(images.shape[2], images.shape[3])
            if size != list(images.shape[2:]):
                colour = F.interpolate(colour, size=size, mode="bilinear", align_corners=False)
            found = self._vit.forward_intermediates(
                colour, list(taps), norm=self.reading.norm, stop_early=True, intermediates_only=True
            )
        # Out of inference mode, or no gradient could flow to what reads them.
        return tuple(each.clone() for each in found)

    def _size(self, *sides: int) -> list[int]:
        """Return the height and width at which an image of `sides` px is read: multiples of the patch."""
        longest = self.reading.side or max(sides)
        scaled = [side * longest / max(sides) for side in sides]
        return [math.ceil(side / patch - 1e-9) * patch for side, patch in zip(scaled, self._patch, strict=True)]

    def digest(self) -> str:
        """Hash the name, the reading and every weight."""
        total = hashlib.sha256(f"{self.name} {self.reading}".encode())
        for name, tensor in sorted(self._vit.state_dict().items()):
            total.update(f"{name} {tuple(tensor.shape)}".encode() + tensor.cpu().contiguous().numpy().tobytes())
        return total.hexdigest()

    def values(self) -> dict[str, Tensor]:
        """Return a copy of the weights by name."""
        return {name: tensor.clone() for name, tensor in self._vit.state_dict().items()}


def _content(name: str, weights: str | bytes) -> tuple[bytes | None, str]:
    """Return the content of the weights' file, None for random ones, and its place for messages."""
    if isinstance(weights, bytes):
        return weights, "the given weights"
    if weights == RANDOM:
        return None, RANDOM
    path = find_weights(name, weights)
    return path.read_bytes(), str(path)
