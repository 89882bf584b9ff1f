"""Small bundles and frames for tests of exported files."""

import importlib.util
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from irstd.export.writing import onnx_file
from irstd.frames import Frame
from irstd.labels.calibration import Calibration
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, LoadedDetector, bundle_files, load_files
from irstd.models.predict import raw_output
from irstd.models.registry import build
from irstd.models.spire_plus.detector import SpirePlus

_MISSING = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
needs_onnx = pytest.mark.skipif(bool(_MISSING), reason=f"{', '.join(_MISSING)}, of irstd's extra onnx, not installed")

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "spire": {"size": 64, "color": "rgb", "centre": "centroid"},
    "sshdnet-w8": {"size": 64},
    "tophat": {"half_snr": 3.0},
}
RULES = {"spire": Rules(0.3, 0.9, 8), "tophat": Rules(0.3)}
CALIBRATION = Calibration(1.5, 1.2, -0.5)
_LOGITS, _RESPONSES = (-4.0, 3.0), (0.0, 0.9)


@cache
def loaded(name: str) -> LoadedDetector:
    """A bundle with random weights and statistics whose outputs on a frame spread enough for something to be found."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    settings = SETTINGS.get(name, {})
    detector = build(name, settings)
    if detector.trained:
        detector.train()(torch.rand(2, detector.input.channels, 64, 64))
        for module in detector.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.3, 0.3)
        _spread(detector.eval(), _RESPONSES if detector.target == "response" else _LOGITS)
    bundle = Bundle(name, settings, RULES.get(name, Rules()), calibration=CALIBRATION)
    return load_files(bundle_files(detector, bundle))


@torch.no_grad()
def _spread(detector: Detector, goal: tuple[float, float]) -> None:
    """Have the last convolutions put the middle and the 995th of 1000 outputs of each plane on a frame at `goal`."""
    raw = torch.from_numpy(raw_output(detector, frames()["grey"])).reshape(detector.planes, -1)
    middle, high = raw.median(dim=1).values, raw.quantile(0.995, dim=1)
    gain = (goal[1] - goal[0]) / (high - middle).clamp_min(1e-3)  # of some all outputs are one
    heads = [module for module in detector.modules() if isinstance(module, nn.Conv2d)][-1:]
    if isinstance(detector, SpirePlus):
        heads = [detector.network.pixels, detector.network.centre]
    first = 0
    for head in heads:
        planes = slice(first, first := first + head.out_channels)
        assert head.bias is not None
        head.weight *= gain[planes, None, None, None]
        head.bias.copy_((head.bias - middle[planes]) * gain[planes] + goal[0])


@cache
def exported(name: str, *, half: bool = False) -> bytes:
    """The ONNX file of that bundle."""
    return onnx_file(loaded(name), half=half).data


def frames() -> dict[str, Frame]:
    """Frames of several sizes, depths and colours with bright spots."""
    random = np.random.default_rng(0)
    grey: Frame = random.integers(60, 90, (70, 101)).astype(np.uint8)
    grey[30:33, 40:43] = 250
    colour: Frame = random.integers(60, 90, (50, 40, 3)).astype(np.uint8)
    colour[10:12, 20:22] = (250, 240, 200)
    sky = (6000 + 40 * np.arange(128) + random.normal(0, 3, (96, 128))).astype(np.uint16)
    sky[50:52, 70:72] += 60
    bright: Frame = random.integers(7000, 9000, (64, 64)).astype(np.uint16)
    bright[20:22, 30:32] = 16000
    return {"grey": grey, "colour": colour, "deep": sky, "16 bit": bright}
