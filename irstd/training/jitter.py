"""Random gain, offset, noise and polarity of crops, to stand for other sensors and scenes. Ours."""

import numpy as np
import torch
from torch import Tensor


def jitter(images: Tensor, random: np.random.Generator, strength: float) -> Tensor:
    """`images` (B, C, H, W) in [0, 1] with another gain, offset and noise each, clipped to [0, 1]; a new tensor.

    Gain about the crop's mean is exp(±s), the offset ±s / 4, the noise's standard deviation up to s / 20, each drawn
    uniformly up to the strength s; the channels of a crop stay as equal as they were. Strength 0 changes nothing.
    """
    if strength == 0.0:
        return images
    count, _, height, width = images.shape
    gain, offset, sigma = (
        torch.from_numpy(values.astype(np.float32)).view(count, 1, 1, 1)
        for values in (
            np.exp(random.uniform(-strength, strength, count)),
            random.uniform(-strength / 4, strength / 4, count),
            random.uniform(0.0, strength / 20, count),
        )
    )
    noise = torch.from_numpy(random.standard_normal((count, 1, height, width), dtype=np.float32))
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return ((images - mean) * gain + mean + offset + sigma * noise).clamp(0.0, 1.0)


def invert(images: Tensor, random: np.random.Generator, share: float) -> Tensor:
    """`images` (B, C, H, W) in [0, 1], each 1 − image with chance `share`; the same tensor for 0."""
    if share == 0.0:
        return images
    turned = torch.from_numpy(random.random(len(images)) < share).view(-1, 1, 1, 1)
    return torch.where(turned, 1.0 - images, images)
