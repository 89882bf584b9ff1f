"""Features of a frozen model, cached on disk for images that recur."""

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from torch.nn import functional as F

from irstd.errors import ModelError
from irstd.files import make_folder, write_bytes
from irstd.models.fdep.foundation import Foundation

Grid = tuple[int, int] | None

_HIGHEST = 65504.0  # of fp16
_PATIENCE = 2000  # images; where the same ones come again, some do long before


class FeatureCache:
    """A foundation model that computes the features of an image once and reads them from disk afterwards.

    A file holds the features of one image in fp16, mapped into memory when read, and on the host's grid where that is
    given: SAMF's 1×1 convolution and the bilinear resize commute. Its name is a hash of everything that decides them:
    the model's weights, the taps, the image, the grid, the data type and the device. So no wrong features can be read,
    and fits may share a folder. It helps where training shows whole frames in their eight poses, or the foundation
    model the frame itself; random crops never recur.

    Attributes:
        features: as `Foundation.features`, float32, on a grid (rows, columns) or, where that is None, the model's own.
    """

    features: Callable[..., tuple[Tensor, ...]]

    def __init__(self, foundation: Foundation, folder: Path) -> None:
        """Cache features of `foundation` in `folder`, created when first needed."""
        self.foundation, self.folder = foundation, folder
        self._met: set[str] = set()
        self._again = False
        self.features = torch.compiler.disable(self._features)  # type: ignore[no-untyped-call]  # torch has no types for it

    def __deepcopy__(self, memo: object) -> "FeatureCache":
        """Return itself: copies of a detector share the cache and its model."""
        return self

    def _features(self, images: Tensor, taps: tuple[int, ...], grid: Grid = None) -> tuple[Tensor, ...]:
        """Return features as `Foundation.features` does, one image at a time, so that they do not depend on the batch.

        Raises:
            ModelError: no image recurs, or a file cannot be read.
            DataError: the folder cannot be written to.
        """
        found = [self._of_one(image[None], taps, grid) for image in images]
        return tuple(torch.cat(each) for each in zip(*found, strict=True))

    def _of_one(self, image: Tensor, taps: tuple[int, ...], grid: Grid) -> tuple[Tensor, ...]:
        path = self.folder / f"{self._key(image, taps, grid)}.safetensors"
        if path.exists():
            self._again = True
            return tuple(tensor.to(image.device).float() for tensor in _read(path, len(taps)))
        self._note(path.stem)
        found = tuple(_stored(each, grid) for each in self.foundation.features(image, taps))
        make_folder(self.folder)
        write_bytes(path, save({str(index): each.cpu() for index, each in enumerate(found)}))
        return tuple(each.float() for each in found)

    @cached_property
    def _origin(self) -> str:
        return self.foundation.digest()

    def _key(self, image: Tensor, taps: tuple[int, ...], grid: Grid) -> str:
        device = image.device.type
        half = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
        total = hashlib.sha256(repr((self._origin, taps, grid, device, half, tuple(image.shape))).encode())
        total.update(image.detach().cpu().contiguous().numpy().tobytes())
        return total.hexdigest()[:32]

    def _note(self, key: str) -> None:
        self._met.add(key)
        if len(self._met) >= _PATIENCE and not self._again:
            raise ModelError(
                f"fdep: none of {len(self._met)} images came again, so that keeping features in {self.folder} only"
                " fills the disk; take model.cache out, set model.view to frame, or show whole frames: train.crop null,"
                " scale [1, 1], rotate 0, paste 0, jitter 0"
            )


def _stored(features: Tensor, grid: Grid) -> Tensor:
    """Return features as a file holds them."""
    if grid is not None:
        features = F.interpolate(features.float(), size=grid, mode="bilinear", align_corners=False)
    return features.clamp(-_HIGHEST, _HIGHEST).half().contiguous()


def _read(path: Path, count: int) -> list[Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return [file.get_tensor(str(index)) for index in range(count)]
    except (OSError, SafetensorError) as fault:
        raise ModelError(f"{path}: features that cannot be read ({fault}); remove the file") from fault
