"""Parameters and multiply-adds of detectors, the same on every machine."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from irstd.models.base import Detector
from irstd.models.registry import find_detector
from irstd.settings.checked import checked_settings

COMPARED_AT = 512
"""The side in px at which costs of detectors are compared, whatever their own input is."""

STORED = Path(__file__).with_name("costs.json")
"""Costs of the table's detectors with default settings; `python -m irstd.models.costs` writes them."""


def count_parameters(detector: Detector) -> int:
    """Count the trainable values; 0 for a filter without weights."""
    return sum(weight.numel() for weight in detector.parameters())


def gmac_512(name: str, settings: Mapping[str, object], detector: Detector) -> float:
    """Return `count_gmac` at `COMPARED_AT` of the detector `name`, rounded to 6 decimals.

    It comes from `STORED` where no setting but the input size differs from its default: counting imports torch's
    compiler, which takes a stage 2 s.
    """
    kind = find_detector(name).settings
    values = {**settings, "size": getattr(kind(), "size", None)} if "size" in settings else settings
    stored: Any = json.loads(STORED.read_text(encoding="utf-8")).get(name)
    if stored is not None and checked_settings(kind, values, name) == kind():
        return float(stored["gmac_512"])
    return round(count_gmac(detector, COMPARED_AT), 6)


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
