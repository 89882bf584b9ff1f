"""SSHD-Net's settings and decoding."""

import numpy as np
import pytest
import torch

from irstd.errors import ModelError, SettingsError
from irstd.frames import place_square
from irstd.models.base import Rules
from irstd.models.registry import build
from irstd.models.spire import Spire, SpireSettings
from irstd.models.sshdnet import SSHDNet, SSHDNetSettings
from irstd.models.sshdnet.detector import OFFICIAL_RULES
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from tests.training.tiny import scenes


@pytest.mark.parametrize("size", [0, 16, 100])
def test_a_size_the_network_cannot_take_is_refused(size: int) -> None:
    with pytest.raises(SettingsError, match=r"^size: "):
        SSHDNetSettings(size=size)


def test_the_name_decides_the_width() -> None:
    widths = [build(f"sshdnet-w{width}", {}).state_dict()["network.head.weight"].shape[1] for width in (32, 16, 8)]
    assert widths == [32, 16, 8]
    with pytest.raises(SettingsError, match=r"sshdnet-w8: model\.width: "):
        build("sshdnet-w8", {"width": 32})


def test_a_crop_that_the_coarsest_branch_cannot_take_is_refused() -> None:
    detector = SSHDNet(SSHDNetSettings(size=64), width=8)
    with pytest.raises(SettingsError, match=r"train\.crop: must be a multiple of 32 px for this detector, not 48"):
        Crops(detector, scenes(), FitConfig(crop=48))


def test_one_image_at_a_time_cannot_be_learnt_from() -> None:
    detector = SSHDNet(SSHDNetSettings(size=64), width=8)
    with pytest.raises(ModelError, match=r"cannot train on one image at a time .*set train\.batch to 2 or more"):
        detector.train()(torch.rand(1, 3, 64, 64))
    with torch.no_grad():
        assert detector.eval()(torch.rand(1, 3, 64, 64)).shape == (1, 1, 16, 16)


def test_its_head_is_spires_with_other_rules() -> None:
    raw = np.zeros((32, 32), dtype=np.float32)
    raw[16, 10], raw[20, 20], raw[12, 26], raw[4, 4] = 0.5, 0.41, 0.39, 0.5
    placement = place_square(50, 100, 128)  # the last peak stands in the zeros above the frame
    ours, spires = SSHDNet(SSHDNetSettings(size=128), width=8), Spire(SpireSettings(size=128))
    found = ours.detections(raw, placement, OFFICIAL_RULES)
    assert found.scores.tolist() == pytest.approx([0.5, 0.41])
    frame = np.random.default_rng(0).integers(0, 256, (50, 100), dtype=np.uint8)
    for rules in (OFFICIAL_RULES, Rules(threshold=0.1)):
        left, right = (each.detections(raw, placement, rules) for each in (ours, spires))
        assert left.points.tolist() == right.points.tolist()
        assert left.scores.tolist() == right.scores.tolist()
        assert (ours.response(raw, placement, frame, left) == spires.response(raw, placement, frame, left)).all()
