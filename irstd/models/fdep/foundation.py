"""A frozen vision transformer out of timm, and where its weights come from."""

import hashlib
from pathlib import Path
from typing import Any, Final

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.errors import ModelError

HUB: Final = "hub"
RANDOM: Final = "random"


class Foundation:
    """A frozen ViT. No module of the detector that holds it: its weights are neither trained, saved nor shipped.

    Attributes:
        name: timm's name of the model.
        weights: `hub`, `random`, or the SHA-256 of the file they come from.
        channels: of its features.
        blocks: how many there are to tap.
    """

    def __init__(self, name: str, weights: str = HUB) -> None:
        """Build `name` with its weights, which are resolved here: before any training begins.

        Args:
            name: a ViT of timm, such as `vit_small_patch16_dinov3.lvd1689m`.
            weights: `hub` (timm's own, downloaded once), `random` (tests and demos only), or a safetensors file in
                timm's own keys.

        Raises:
            ModelError: timm has no such model, it is no ViT, or the weights cannot be had; says how to get them.
        """
        self.name = name
        self.weights = (
            hashlib.sha256(_file(weights).read_bytes()).hexdigest() if weights not in (HUB, RANDOM) else weights
        )
        self._vit = _create(name, weights).eval().requires_grad_(False)
        if not hasattr(self._vit, "blocks") or not hasattr(self._vit, "forward_intermediates"):
            raise ModelError(f"foundation {name}: is no plain vision transformer; take a vit_… of timm")
        config = self._vit.pretrained_cfg
        self.channels, self.blocks = int(self._vit.num_features), len(self._vit.blocks)
        self._patch = tuple(int(side) for side in self._vit.patch_embed.patch_size)
        self._mean, self._std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))

    def __deepcopy__(self, memo: object) -> "Foundation":
        """Itself: copies of a detector, such as its average, share what never changes."""
        return self

    def even_taps(self, count: int) -> tuple[int, ...]:
        """`count` blocks, evenly spaced, the last one among them; blocks count from 0."""
        return tuple((index + 1) * self.blocks // count - 1 for index in range(count))

    @torch.compiler.disable  # type: ignore[untyped-decorator]  # torch has no types for it
    def features(self, images: Tensor, taps: tuple[int, ...]) -> tuple[Tensor, ...]:
        """The outputs (B, channels, h, w) of the blocks `taps`, class and register tokens dropped, without gradient.

        Images are enlarged to the next multiple of the patch, which for one of 16 px leaves a host's input as it is.

        Args:
            images: (B, 1 or 3, H, W) in [0, 1].
            taps: blocks, ascending.
        """
        if images.device != self._mean.device:  # it follows the detector, of which it is no module
            self._vit.to(images.device)
            self._mean, self._std = self._mean.to(images.device), self._std.to(images.device)
        with torch.inference_mode():
            colour = (images.expand(-1, 3, -1, -1) - self._mean) / self._std
            size = [-(-side // patch) * patch for side, patch in zip(images.shape[2:], self._patch, strict=True)]
            if size != list(images.shape[2:]):
                colour = F.interpolate(colour, size=size, mode="bilinear", align_corners=False)
            found = self._vit.forward_intermediates(
                colour, indices=list(taps), intermediates_only=True, output_fmt="NCHW", norm=False
            )
        # Out of inference mode, or no gradient could flow to what reads them.
        return tuple(each.clone() for each in found)

    def values(self) -> dict[str, Tensor]:
        """A copy of its weights by name."""
        return {name: tensor.clone() for name, tensor in self._vit.state_dict().items()}


def _create(name: str, weights: str) -> Any:
    if not timm.is_model(name.split(".", maxsplit=1)[0]):
        close = timm.list_models(f"{name.split('_patch', maxsplit=1)[0]}*")[:5]
        raise ModelError(f"foundation {name}: timm has no such model; close: {', '.join(close) or 'none'}")
    options: dict[str, Any] = {"pretrained": weights != RANDOM, "dynamic_img_size": True, "num_classes": 0}
    if weights not in (HUB, RANDOM):
        options["pretrained_cfg_overlay"] = {"file": str(_file(weights))}
    try:
        found: nn.Module = timm.create_model(name, **options)
    except TypeError as fault:
        raise ModelError(f"foundation {name}: takes no images of any size ({fault}); take a vit_… of timm") from fault
    except Exception as fault:  # the hub's client raises what it likes: no network, no licence accepted, no such file
        raise ModelError(
            f"foundation {name}: its weights cannot be had from {weights} ({str(fault).splitlines()[0][:200]});"
            " fetch them once where there is a network (timm keeps them in the hub's cache), or set"
            " model.weights to a safetensors file in timm's keys; `random` is for tests and demos only"
        ) from fault
    return found


def _file(weights: str) -> Path:
    path = Path(weights)
    if path.suffix != ".safetensors":
        raise ModelError(f"foundation weights {weights}: must be hub, random or a .safetensors file; convert it first")
    if not path.is_file():
        raise ModelError(f"foundation weights {weights}: no such file; give the path of a safetensors file, or hub")
    return path
