"""FDEP round hosts with bottlenecks at several strides."""

import copy
from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from irstd.errors import IrstdError
from irstd.losses import LOSSES, LossState
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files, load_files
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.fdep import FDEP, FdepSettings, Foundation
from irstd.models.hosts import Decoder, Encoder, Features, Host, HostDetector, HostSettings
from irstd.models.hosts.acm import ACM, AcmSettings
from irstd.models.registry import build

TINY = FdepSettings(foundation="vit_tiny_patch16_224", weights="random", start="fresh")


class PoolingEncoder(Encoder):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.skip, self.deep = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, stride, stride=stride)

    def forward(self, images: Tensor) -> Features:
        skip = self.skip(images).relu()
        return Features(self.deep(skip).relu(), (skip,))


class EnlargingDecoder(Decoder):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.head = nn.BatchNorm2d(12), nn.Conv2d(12, 1, 1)

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        (skip,) = features.skips
        deep = nn.functional.interpolate(features.deep, size=skip.shape[2:])
        return (self.head(self.norm(torch.cat((skip, deep), dim=1))),)


class Pooling(Host):
    """A host with a bottleneck of 8 channels at any stride."""

    channels = 8
    loss = "soft_iou"
    paper = "none"

    def __init__(self, stride: int) -> None:
        super().__init__(PoolingEncoder(stride), EnlargingDecoder())
        self.stride = self.multiple = stride


@pytest.fixture(scope="module")
def foundation() -> Foundation:
    torch.manual_seed(0)
    return Foundation(TINY.foundation, TINY.weights)


def wrapped(foundation: Foundation, host: Host | None = None, settings: FdepSettings = TINY) -> FDEP:
    torch.manual_seed(1)
    return FDEP(HostDetector(host or ACM(AcmSettings()), HostSettings()), foundation, settings)


def learned(detector: FDEP, images: Tensor, label: Tensor, which: slice = slice(None)) -> None:
    """One backward pass of the chosen paths."""
    paths = detector.paths(images)[which]
    losses = [LOSSES[str(detector.loss)](path, label, LossState()) for path in paths]
    torch.autograd.backward(torch.stack(losses).sum())


def grads(module: nn.Module) -> list[bool]:
    return [weight.grad is not None and bool(weight.grad.abs().sum() > 0) for weight in module.parameters()]


@pytest.mark.parametrize(("stride", "size"), [(4, (36, 52)), (16, (48, 80)), (32, (64, 96)), (1, (31, 45))])
def test_grids_of_any_stride_and_sizes_that_are_odd_or_oblong(
    foundation: Foundation, stride: int, size: tuple[int, int]
) -> None:
    detector = wrapped(foundation, Pooling(stride))
    main, light = detector.paths(torch.rand(2, 1, *size))
    assert [each.shape for each in (*main, *light)] == [(2, 1, *size)] * 2
    assert not torch.equal(main[0], light[0])


def test_the_main_path_begins_as_the_light_one(foundation: Foundation) -> None:
    detector = wrapped(foundation, settings=replace(TINY, start="identity")).eval()
    with torch.no_grad():
        main, light = detector.paths(torch.rand(2, 1, 48, 80))
    assert torch.equal(main[0], light[0])


def test_the_host_begins_as_the_plain_one_of_its_seed() -> None:
    """So that fits with and without FDEP are paired by their seeds."""
    found = []
    for name, model in (("acm", {}), ("fdep-acm", {"foundation": "test_vit", "weights": "random"})):
        torch.manual_seed(5)
        found.append(build(name, model).deployed().state_dict())
    assert all(torch.equal(tensor, found[1][name]) for name, tensor in found[0].items())


def test_the_foundation_never_changes_and_is_no_part_of_the_state(foundation: Foundation) -> None:
    before, detector = foundation.values(), wrapped(foundation)
    optimizer = torch.optim.AdamW(detector.parameters(), lr=0.1, weight_decay=0.1)
    learned(detector.train(), torch.rand(2, 1, 32, 32), torch.rand(2, 1, 32, 32).round())
    optimizer.step()
    assert all(torch.equal(tensor, before[name]) for name, tensor in foundation.values().items())
    assert {name.split(".")[0] for name in detector.state_dict()} == {"plain", "samf"}


@pytest.mark.parametrize(("which", "fused"), [(slice(0, 1), True), (slice(1, 2), False)])
def test_each_loss_alone_teaches_encoder_and_decoder(foundation: Foundation, which: slice, fused: bool) -> None:
    detector = wrapped(foundation).train()
    learned(detector, torch.rand(2, 1, 64, 64), torch.rand(2, 1, 64, 64).round(), which)
    host = detector.plain.host
    assert all(grads(host.encoder))
    assert all(grads(host.decoder))
    assert any(grads(detector.samf)) is all(grads(detector.samf)) is fused


def test_the_light_path_is_the_plain_host_in_training_too(foundation: Foundation) -> None:
    """Same outputs and same BatchNorm statistics in the decoder as if there were no main path."""
    images = torch.rand(4, 1, 32, 32)
    detector = wrapped(foundation, Pooling(4)).train()
    alone = copy.deepcopy(detector.plain)
    for _ in range(3):
        _, light = detector.paths(images)
        (plain,) = alone.paths(images)
        assert torch.equal(light[0], plain[0])
    theirs = alone.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in detector.plain.state_dict().items())
    assert theirs["host.decoder.norm.num_batches_tracked"] == 3


def test_a_compiled_fit_sees_the_same_paths_and_statistics(foundation: Foundation) -> None:
    detector = wrapped(foundation, Pooling(4)).train()
    eager = copy.deepcopy(detector)
    compiled = torch.compile(detector.paths, backend="eager")
    for _ in range(2):
        images = torch.rand(2, 1, 32, 32)
        for ours, theirs in zip(compiled(images), eager.paths(images), strict=True):
            torch.testing.assert_close(ours[0], theirs[0])
    theirs_by_name = eager.state_dict()
    for name, tensor in detector.state_dict().items():
        torch.testing.assert_close(tensor, theirs_by_name[name])


def test_deployed_is_the_host_bit_for_bit_and_at_its_cost(foundation: Foundation) -> None:
    detector = wrapped(foundation).eval()
    shipped = load_files(bundle_files(detector.deployed(), Bundle("acm", {}, Rules()))).detector
    images = torch.rand(2, 1, 96, 80)
    with torch.no_grad():
        assert torch.equal(shipped(images), detector(images))
    plain = HostDetector(ACM(AcmSettings()), HostSettings())
    assert count_parameters(shipped) == count_parameters(plain)
    assert count_gmac(shipped, 256) == count_gmac(plain, 256)


def test_a_random_foundation_is_told_and_named(foundation: Foundation) -> None:
    detector = wrapped(foundation)
    assert detector.warnings == (f"trained beside a random {TINY.foundation}: a test or a demo, no result of FDEP",)
    assert detector.lineage == {"foundation": TINY.foundation, "foundation_weights": "random"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"taps": (2, 2, 5, 8)}, "^taps: must ascend"),
        ({"taps": (2, 5, 8, 12)}, r"taps \[2, 5, 8, 12\]: vit_tiny_patch16_224 has blocks 0 to 11"),
    ],
)
def test_taps_that_cannot_be_are_named(foundation: Foundation, values: Mapping[str, object], message: str) -> None:
    with pytest.raises(IrstdError, match=message):
        wrapped(foundation, settings=FdepSettings(**values))  # type: ignore[arg-type]  # that is the point
