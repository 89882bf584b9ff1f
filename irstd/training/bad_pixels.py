"""Hot and dead pixels in crops, so that a detector learns that a single pixel is no target. Ours."""

import numpy as np
import torch
from torch import Tensor

_MOST = 8
_STEP = (0.1, 1.0)
_HOT = 0.75


def bad_pixels(images: Tensor, random: np.random.Generator, share: float) -> Tensor:
    """`images` (B, C, H, W) in [0, 1], each with chance `share` with 1 to 8 bad pixels; the same tensor for 0.

    A bad pixel is off by 0.1 to 1, three in four upwards, and clipped to [0, 1], in all channels alike. Optics spread
    a real target over several pixels: in the training frames of SIRST-V1 the smallest has 4.
    """
    if share == 0.0:
        return images
    height, width = images.shape[-2:]
    spoilt = images.clone()
    for index in np.flatnonzero(random.random(len(images)) < share):
        count = int(random.integers(1, _MOST + 1))
        rows, columns = random.integers(height, size=count), random.integers(width, size=count)
        signs = np.where(random.random(count) < _HOT, 1.0, -1.0)
        off = torch.from_numpy((signs * random.uniform(*_STEP, count)).astype(np.float32))
        spoilt[index, :, rows, columns] = (spoilt[index, :, rows, columns] + off).clamp(0.0, 1.0)
    return spoilt
