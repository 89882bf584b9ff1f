"""The fast detector finds what the plain one finds."""

import numpy as np
import pytest
import torch

from irstd.inference.quick import quick
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files, load_files
from irstd.models.registry import build


@pytest.mark.parametrize("name", ["spire", "spire-plus"])
def test_the_same_detections_within_rounding(name: str) -> None:
    torch.manual_seed(0)
    settings = {"size": 64} if name == "spire" else {}
    detector = build(name, settings)
    head = detector.get_submodule("network.head" if name == "spire" else "network.centre")
    with torch.no_grad():
        head.get_parameter("bias").add_(0.5)  # so that it finds something
    loaded = load_files(bundle_files(detector, Bundle(name, settings, Rules(threshold=0.001))))
    before = {key: tensor.clone() for key, tensor in loaded.detector.state_dict().items()}
    fast = quick(loaded)
    frame = np.random.default_rng(0).integers(0, 256, (70, 90)).astype(np.uint8)
    wanted, found = loaded(frame), fast(frame)
    assert len(found) == len(wanted) > 0
    assert found.points == pytest.approx(wanted.points, abs=1e-4)
    assert found.scores == pytest.approx(wanted.scores, abs=1e-4)
    assert fast.hash == loaded.hash
    assert all(torch.equal(before[key], tensor) for key, tensor in loaded.detector.state_dict().items())
