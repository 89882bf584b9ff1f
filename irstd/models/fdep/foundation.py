"""A frozen vision transformer from timm."""

import hashlib
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from irstd.models.fdep.weights import RANDOM, create_vit, find_weights


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

    def __init__(self, name: str, weights: str | bytes) -> None:
        """Build `name` with its weights; on torch's meta device only check that both are available.

        Args:
            name: a ViT of timm, such as `vit_small_patch16_dinov3.lvd1689m`.
            weights: `hub` (timm's own, downloaded once), `random` (tests and demos only), or a safetensors file in
                timm's own keys: its path or its content.

        Raises:
            ModelError: timm has no such model, it is no ViT, or the weights cannot be found; says how to get them.
        """
        self.name = name
        with torch.device("meta"):  # whether it is a ViT, before any weights are looked for
            create_vit(name)
        content, where = _content(name, weights)
        self.weights = RANDOM if content is None else hashlib.sha256(content).hexdigest()
        self._vit = create_vit(name, content, where).eval().requires_grad_(False)
        config = self._vit.pretrained_cfg
        self.channels, self.blocks = int(self._vit.num_features), len(self._vit.blocks)
        self._patch = tuple(int(side) for side in self._vit.patch_embed.patch_size)
        self._mean, self._std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
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

        Images are enlarged to the next multiple of the patch; a patch of 16 px leaves a host's input unchanged.

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

    def digest(self) -> str:
        """Hash the name and every weight."""
        total = hashlib.sha256(self.name.encode())
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
