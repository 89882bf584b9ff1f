"""Features of a frozen model, cached on disk for images that recur."""

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from irstd.errors import ModelError
from irstd.files import make_folder, write_bytes
from irstd.models.fdep.foundation import Foundation

_PATIENCE = 2000  # images; where the same ones come again, some do long before


class FeatureCache:
    """A foundation model that computes the features of an image once and reads them from disk afterwards.

    A file holds the features of one image, mapped into memory when read. Its name is a hash of everything that decides
    them: the model's weights, the taps, the image, the data type and the device. So no wrong features can be read, and
    fits may share a folder. It helps where training shows whole frames in their eight poses; random crops never recur.

    Attributes:
        features: as `Foundation.features`.
    """

    features: Callable[[Tensor, tuple[int, ...]], tuple[Tensor, ...]]

    def __init__(self, foundation: Foundation, folder: Path) -> None:
        """Cache features of `foundation` in `folder`, created when first needed."""
        self.foundation, self.folder = foundation, folder
        self._met: set[str] = set()
        self._again = False
        self.features = torch.compiler.disable(self._features)  # type: ignore[no-untyped-call]  # torch has no types for it

    def __deepcopy__(self, memo: object) -> "FeatureCache":
        """Return itself: copies of a detector share the cache and its model."""
        return self

    def _features(self, images: Tensor, taps: tuple[int, ...]) -> tuple[Tensor, ...]:
        """Return features as `Foundation.features` does, one image at a time, so that they do not depend on the batch.

        Raises:
            ModelError: no image recurs, or a file cannot be read.
            DataError: the folder cannot be written to.
        """
        found = [self._of_one(image[None], taps) for image in images]
        return tuple(torch.cat(each) for each in zip(*found, strict=True))

    def _of_one(self, image: Tensor, taps: tuple[int, ...]) -> tuple[Tensor, ...]:
        path = self.folder / f"{self._key(image, taps)}.safetensors"
        if path.exists():
            self._again = True
            return tuple(tensor.to(image.device) for tensor in _read(path, len(taps)))
        self._note(path.stem)
        found = tuple(each.contiguous() for each in self.foundation.features(image, taps))  # as they are read
        make_folder(self.folder)
        write_bytes(path, save({str(index): each.cpu() for index, each in enumerate(found)}))
        return found

    @cached_property
    def _origin(self) -> str:
        return self.foundation.digest()

    def _key(self, image: Tensor, taps: tuple[int, ...]) -> str:
        device = image.device.type
        half = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
        total = hashlib.sha256(repr((self._origin, taps, device, half, tuple(image.shape))).encode())
        total.update(image.detach().cpu().contiguous().numpy().tobytes())
        return total.hexdigest()[:32]

    def _note(self, key: str) -> None:
        self._met.add(key)
        if len(self._met) >= _PATIENCE and not self._again:
            raise ModelError(
                f"fdep: none of {len(self._met)} images came again, so that keeping features in {self.folder} only"
                " fills the disk; take model.cache out, or show whole frames: train.crop null, scale [1, 1],"
                " rotate 0, paste 0, jitter 0"
            )


def _read(path: Path, count: int) -> list[Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return [file.get_tensor(str(index)) for index in range(count)]
    except (OSError, SafetensorError) as fault:
        raise ModelError(f"{path}: features that cannot be read ({fault}); remove the file") from fault
