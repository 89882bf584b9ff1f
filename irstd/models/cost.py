"""What a detector costs, whatever machine it runs on."""

import copy

import torch
from torch.utils.flop_counter import FlopCounterMode

from irstd.models.base import Detector


def count_parameters(detector: Detector) -> int:
    """The number of trainable values; 0 for a filter without weights."""
    return sum(weight.numel() for weight in detector.parameters())


def count_gmac(detector: Detector, size: int) -> float:
    """10⁹ multiply-adds of one image of `size` × `size` px, by torch's counter; 0 for a filter without weights.

    Convolutions and matrix products count; additions, pooling and activations do not, as in the papers' tables.
    Nothing is computed: a copy of the detector runs on torch's meta device.
    """
    twin = copy.deepcopy(detector).to("meta").eval()
    image = torch.empty((1, detector.input.channels, size, size), device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        twin(image)
    return float(counter.get_total_flops()) / 2e9
