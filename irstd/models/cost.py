"""Parameters and multiply-adds of detectors, the same on every machine."""

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from irstd.models.base import Detector

COMPARED_AT = 512
"""The side in px at which costs of detectors are compared, whatever their own input is."""


def count_parameters(detector: Detector) -> int:
    """Count the trainable values; 0 for a filter without weights."""
    return sum(weight.numel() for weight in detector.parameters())


def count_gmac(detector: Detector, size: int) -> float:
    """Count 10⁹ multiply-adds of one image of `size` × `size` px, by torch's counter; 0 for a filter without weights.

    Convolutions and matrix products count; additions, pooling and activations do not, as in the papers' tables.
    Nothing is computed: a copy of the detector runs on torch's meta device.
    """
    twin = _without_norms(copy.deepcopy(detector).to("meta")).eval()
    image = torch.empty((1, detector.input.channels, size, size), device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        twin(image)
    return float(counter.get_total_flops()) / 2e9


def _without_norms(network: nn.Module) -> nn.Module:
    """Replace the BatchNorms of `network`, which do not count and would take half of the time."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if type(child) is nn.BatchNorm2d:
                setattr(module, name, nn.Identity())
    return network
