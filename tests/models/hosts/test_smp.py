"""Hosts out of segmentation_models.pytorch."""

import importlib.util
import sys

import numpy as np
import pytest
import torch

from irstd.errors import ModelError, TrainingError, UnknownNameError
from irstd.losses import LOSSES, LossState
from irstd.models.base import Rules
from irstd.models.cost import count_gmac
from irstd.models.hosts import HostDetector
from irstd.models.hosts.smp import ARCHITECTURES
from irstd.models.predict import predict
from irstd.models.registry import build, find_detector

PACKAGE = "segmentation_models_pytorch"
SMALL = "tu-tf_mobilenetv3_small_100"
needs_smp = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None, reason=f"{PACKAGE}, irstd's extra smp, is not installed"
)


def new(name: str, color: str = "grey") -> HostDetector:
    torch.manual_seed(0)
    detector = build(name, {"color": color})
    assert isinstance(detector, HostDetector)
    return detector


@needs_smp
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_a_host(architecture: str) -> None:
    detector = new(f"smp-{architecture}-{SMALL}")
    host, side = detector.host, 2 * detector.input.multiple
    images = torch.rand(2, 1, side, side)
    features = host.encoder(images)
    assert features.deep.shape == (2, host.channels, side // host.stride, side // host.stride)
    (outputs,) = detector.paths(images)
    assert [raw.shape for raw in outputs] == [(2, 1, side, side)]
    label = torch.zeros(2, 1, side, side)
    label[:, :, 20:23, 30:34] = 1.0
    torch.autograd.backward(LOSSES[str(detector.loss)](outputs, label, LossState()))
    for name, weight in detector.named_parameters():
        assert (weight.grad is not None) == weight.requires_grad, name
    assert count_gmac(detector, 256) > 0.05


@needs_smp
@pytest.mark.parametrize("name", ["smp-unet-resnet18", "smp-fpn-mit_b0", f"smp-linknet-{SMALL}"])
@pytest.mark.parametrize("color", ["grey", "rgb"])
def test_encoders_of_every_kind_take_odd_frames_of_either_colour(name: str, color: str) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (40, 33, 3), dtype=np.uint8)
    assert predict(new(name, color), frame, Rules()).response.shape == (40, 33)


@needs_smp
def test_stages_that_nothing_reads_are_frozen_and_the_others_are_not() -> None:
    host = new("smp-pspnet-resnet18").host  # it reads the first three of five features
    frozen = {name.split(".")[2] for name, weight in host.named_parameters() if not weight.requires_grad}
    assert frozen == {"layer3", "layer4"}
    assert all(weight.requires_grad for weight in new("smp-unet-resnet18").parameters())


@needs_smp
def test_smps_older_names_are_known() -> None:
    with pytest.warns(DeprecationWarning, match="timm-"):
        older = new("smp-linknet-timm-mobilenetv3_small_100")
    assert older.state_dict().keys() == new(f"smp-linknet-{SMALL}").state_dict().keys()


@needs_smp
def test_the_variant_says_what_it_is() -> None:
    entry = find_detector("smp-unet-resnet18")
    detector = entry.build(entry.settings())
    assert (entry.name, entry.loss) == ("smp-unet-resnet18", "bce_soft_iou")
    assert (detector.loss, detector.paper) == (entry.loss, entry.paper)


@needs_smp
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smp-unett-resnet18", r"unknown smp architecture 'unett': did you mean unet\? known: deeplabv3, .*"),
        ("smp-dpt-resnet18", "unknown smp architecture 'dpt': known: deeplabv3, .*"),
        ("smp-unet-resnet19", r"unknown smp encoder 'resnet19' in 'smp-unet-resnet19': closest: .*resnet18.*"),
        ("smp-unet-tu-resnet_18", r"unknown smp encoder 'tu-resnet_18' .* closest: tu-resnet18, .*"),
        ("smp-unet", r"unknown smp encoder '' in 'smp-unet': .* such as smp-unet-resnet18, .*"),
    ],
)
def test_an_unknown_part_is_named_with_the_closest(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^{message}$"):
        find_detector(name)


@needs_smp
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smp-unetplusplus-mit_b0", "cannot put unetplusplus on mit_b0"),
        ("smp-deeplabv3-vgg11", "cannot put deeplabv3 on vgg11"),
        ("smp-unet-tu-vit_tiny_patch16_224", "cannot put unet on tu-vit_tiny_patch16_224"),
    ],
)
def test_parts_that_do_not_fit_are_refused_in_one_line(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=f"^{name}: .*{message}.*; choose another encoder$") as caught:
        build(name, {})
    assert "\n" not in str(caught.value)


@needs_smp
def test_a_batch_of_one_is_refused_where_it_cannot_be_normalised() -> None:
    detector = new(f"smp-deeplabv3-{SMALL}").train()
    with pytest.raises(TrainingError, match=r"^DeepLabV3Decoder: .* at least 2 images in training, got 1; raise"):
        detector(torch.rand(1, 1, 64, 64))


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(ModelError, match=r"extra smp; pip install 'segmentation-models-pytorch>=0\.6'$"):
        find_detector("smp-unet-resnet18")
