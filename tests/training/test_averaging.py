"""The mean of bundles."""

from pathlib import Path

import pytest
import torch

from irstd.errors import ModelError
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, load_detector, load_files, save_bundle
from irstd.models.registry import build
from irstd.training.averaging import average_bundles
from tests.training.tiny import scenes

VAL = scenes(2)


def saved(folder: Path, name: str, seed: int, **settings: object) -> tuple[Path, Detector]:
    torch.manual_seed(seed)
    detector = build(name, settings)
    for layer in detector.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            assert layer.running_mean is not None
            layer.running_mean.normal_()
    save_bundle(folder, detector, Bundle(name, settings, Rules(threshold=0.9), {"dataset": f"of {seed}"}))
    return folder, detector


def test_weights_and_statistics_are_the_mean_and_validation_decides_the_rest(tmp_path: Path) -> None:
    made = [saved(tmp_path / str(seed), "spire", seed, size=32) for seed in (1, 2)]
    averaged = load_files(average_bundles([folder for folder, _ in made], VAL))
    first, second = (detector.state_dict() for _, detector in made)
    for name, found in averaged.detector.state_dict().items():
        wanted = (first[name] + second[name]) / 2 if found.is_floating_point() else first[name]
        torch.testing.assert_close(found, wanted, msg=name)
    bundle = averaged.bundle
    assert bundle.data == {"dataset": "of 1", "averaged": {load_detector(folder).hash: 0.5 for folder, _ in made}}
    assert bundle.operating != Rules(threshold=0.9)
    assert bundle.curve is not None
    assert bundle.curve.frames == len(VAL)
    assert "val" in bundle.scores


def test_the_mean_of_a_bundle_with_itself_has_its_weights(tmp_path: Path) -> None:
    folder, detector = saved(tmp_path / "one", "spire", 1, size=32)
    averaged = load_files(average_bundles([folder, folder], VAL))
    for name, found in averaged.detector.state_dict().items():
        assert torch.equal(found, detector.state_dict()[name]), name


def test_other_settings_and_detectors_without_weights_are_refused(tmp_path: Path) -> None:
    one, other = (saved(tmp_path / str(size), "spire", 1, size=size)[0] for size in (32, 64))
    with pytest.raises(ModelError, match=r"64: holds spire with .*'size': 64.*; only alike ones can be averaged"):
        average_bundles([one, other], VAL)
    hat, _ = saved(tmp_path / "hat", "tophat", 1)
    with pytest.raises(ModelError, match="hat: tophat has no weights to average"):
        average_bundles([hat, hat], VAL)


def test_shares_weigh_the_bundles(tmp_path: Path) -> None:
    made = [saved(tmp_path / str(seed), "spire", seed, size=32) for seed in (1, 2)]
    folders = [folder for folder, _ in made]
    averaged = load_files(average_bundles(folders, VAL, (0.2, 0.8))).detector.state_dict()
    first, second = (detector.state_dict() for _, detector in made)
    for name, found in averaged.items():
        if found.is_floating_point():
            torch.testing.assert_close(found, 0.2 * first[name] + 0.8 * second[name], msg=name)
    for shares in ((0.5, 0.6), (1.0,), (1.5, -0.5)):
        with pytest.raises(ModelError, match=r"^shares of 2 bundles: as many numbers above 0 with the sum 1, not "):
            average_bundles(folders, VAL, shares)
