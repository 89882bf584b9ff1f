"""The contract of every published host, and the wiring of its parts."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.losses import LOSSES, LossState
from irstd.models.base import Rules
from irstd.models.hosts import Features, Host, HostDetector, HostSettings
from irstd.models.hosts.acm import ACM, AcmSettings
from irstd.models.hosts.alcnet import ALCNet
from irstd.models.hosts.dnanet import DNANet
from irstd.models.hosts.mshnet import MSHNet
from irstd.models.predict import predict, raw_output
from irstd.models.registry import build

HOSTS = [("acm", {}), ("acm", {"form": "fpn"}), ("alcnet", {}), ("dnanet", {}), ("mshnet", {"color": "rgb"})]
SMALLER = {"mshnet": (1, 1, 2, 4, 8), "dnanet": (1, 1, 1, 1)}


def new(variant: str, settings: dict[str, object]) -> HostDetector:
    torch.manual_seed(0)
    detector = build(variant, settings)
    assert isinstance(detector, HostDetector)
    return detector


@pytest.mark.parametrize(("variant", "settings"), HOSTS)
class TestHost:
    @pytest.mark.parametrize("size", [(16, 16), (16, 48), (80, 32), (112, 128)])
    @torch.no_grad()
    def test_sizes(self, variant: str, settings: dict[str, object], size: tuple[int, int]) -> None:
        detector = new(variant, settings).eval()
        height, width = size
        images = torch.rand(2, detector.input.channels, height, width)
        (outputs,) = detector.paths(images)
        factors = SMALLER.get(variant, (1,))
        assert [raw.shape for raw in outputs] == [(2, 1, height // by, width // by) for by in factors]
        assert torch.equal(detector(images), outputs[0])
        deep = detector.host.encoder(images).deep
        assert deep.shape == (2, detector.host.channels, height // 16, width // 16)
        assert (detector.host.stride, detector.input.multiple) == (16, 16)

    def test_all_that_does_not_depend_on_the_bottleneck_is_the_encoders(
        self, variant: str, settings: dict[str, object]
    ) -> None:
        host = new(variant, settings).eval().host
        features = host.encoder(torch.rand(2, 3 if settings.get("color") else 1, 32, 32))
        features = features._replace(deep=torch.randn_like(features.deep, requires_grad=True))
        met = set()
        for part in host.decoder.modules():
            if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
                part.register_forward_hook(lambda module, given, found: met.add((module, found.requires_grad)))
        for weight in host.parameters():
            weight.requires_grad_(False)
        features = features._replace(skips=tuple(skip.detach() for skip in features.skips))
        host.decoder(features)
        untouched = {module for module, depends in met if not depends}
        if variant == "dnanet":
            heads: Any = host.decoder.side_heads
            assert untouched == set(heads)
        else:  # but for the gates of ACM, which look at the skips alone until they are multiplied
            assert untouched <= {part for name, part in host.decoder.named_modules() if ".pixel_gate." in name}

    def test_the_decoder_reads_everything_it_is_handed(self, variant: str, settings: dict[str, object]) -> None:
        host = new(variant, settings).eval().host
        features = host.encoder(torch.rand(2, 3 if settings.get("color") else 1, 32, 32))
        leaves = [each.detach().requires_grad_() for each in (features.deep, *features.skips)]
        shipped = host.decoder(Features(leaves[0], tuple(leaves[1:])))[0]
        for found in torch.autograd.grad(shipped.sum(), leaves):
            assert found.abs().sum() > 0

    def test_batch_norm_keeps_nine_tenths(self, variant: str, settings: dict[str, object]) -> None:
        norms = [part for part in new(variant, settings).modules() if isinstance(part, nn.BatchNorm2d)]
        assert norms
        assert {norm.momentum for norm in norms} == {0.1}

    @pytest.mark.parametrize("progress", [0.0, 0.5])
    def test_each_weight_has_a_gradient_by_its_loss(
        self, variant: str, settings: dict[str, object], progress: float
    ) -> None:
        detector = new(variant, settings).train()
        label = torch.zeros(2, 1, 64, 64)
        label[0, 0, 20:23, 30:34] = 1.0
        (outputs,) = detector.paths(torch.rand(2, detector.input.channels, 64, 64))
        torch.autograd.backward(LOSSES[str(detector.loss)](outputs, label, LossState(progress=progress)))
        for name, weight in detector.named_parameters():
            assert weight.grad is not None, name
            assert weight.grad.isfinite().all(), name

    @pytest.mark.parametrize("shape", [(97, 135), (40, 33)])
    def test_frames_of_odd_sizes(self, variant: str, settings: dict[str, object], shape: tuple[int, int]) -> None:
        frame = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        detector = new(variant, settings)
        raw = raw_output(detector, frame)
        assert raw.shape == tuple(-(-side // 16) * 16 for side in shape)
        response = predict(detector, frame, Rules()).response
        assert response.shape == shape
        np.testing.assert_allclose(response, 1 / (1 + np.exp(-raw[: shape[0], : shape[1]])), rtol=1e-5)
        threshold = float(np.quantile(response, 0.9))
        found = predict(detector, frame, Rules(threshold=threshold)).operating
        assert len(found) > 1
        assert (found.points >= 0).all()
        assert (found.points <= np.array(shape[::-1]) - 1).all()


class Trace:
    """Inputs and outputs of a network's modules in one forward pass."""

    def __init__(self, network: nn.Module) -> None:
        self.given: dict[nn.Module, tuple[Tensor, ...]] = {}
        self.found: dict[nn.Module, Tensor] = {}
        for part in network.modules():
            part.register_forward_hook(self._see)

    def _see(self, module: nn.Module, given: Any, found: Any) -> None:
        self.given[module], self.found[module] = given, found


def parts(host: Host) -> tuple[Any, Any]:
    return host.encoder, host.decoder


def at_size(corners: bool) -> Callable[[Tensor, Tensor], Tensor]:
    def resize(features: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(features, size=like.shape[2:], mode="bilinear", align_corners=corners)

    return resize


aligned, unaligned = at_size(True), at_size(False)


@pytest.mark.parametrize("host", [ACM(AcmSettings()), ALCNet(HostSettings())], ids=["acm", "alcnet"])
@torch.no_grad()
def test_modulation_takes_what_comes_up_and_then_the_skip(host: ACM | ALCNet) -> None:
    trace = Trace(host.eval())
    image = torch.randn(1, 1, 32, 48)
    (shipped,) = host(image)
    encoder, decoder = parts(host)
    for level, stage in ((2, encoder.stage2), (1, encoder.stage1)):
        high, low = trace.given[getattr(decoder, f"asym{level}")]
        assert torch.equal(high, trace.found[getattr(decoder, f"up{level}")])
        assert torch.equal(low, trace.found[stage])
    assert torch.equal(trace.given[decoder.up2][0], trace.found[encoder.stage3])
    assert torch.equal(shipped, unaligned(trace.found[decoder.head], image))


@torch.no_grad()
def test_the_fpn_form_enlarges_before_it_narrows() -> None:
    host = ACM(AcmSettings(form="fpn")).eval()
    trace = Trace(host)
    image = torch.randn(1, 1, 32, 48)
    (shipped,) = host(image)
    encoder, decoder = parts(host)
    deep = trace.found[encoder.stage3]
    for level, stage in ((2, encoder.stage2), (1, encoder.stage1)):
        asym, narrow = getattr(decoder, f"asym{level}"), getattr(decoder, f"narrow{level}")
        assert torch.equal(trace.given[narrow][0], unaligned(deep, trace.found[stage]))
        assert torch.equal(trace.given[asym][0], trace.found[narrow])
        assert torch.equal(trace.given[asym][1], trace.found[stage])
        deep = trace.found[asym]
    assert torch.equal(shipped, unaligned(trace.found[decoder.head], image))


@torch.no_grad()
def test_the_nest_of_dnanet() -> None:
    host = DNANet(HostSettings()).eval()
    trace = Trace(host)
    image = torch.randn(1, 1, 32, 48)
    outputs = host(image)
    encoder, decoder = parts(host)
    nodes = {"x00": encoder.first, **dict(encoder.nest.nodes), **dict(decoder.nest.nodes)}
    assert len(nodes) == 15
    maps = {(int(name[1]), int(name[2])): trace.found[node] for name, node in nodes.items()}
    for (row, column), own in maps.items():
        given = trace.given[nodes[f"x{row}{column}"]][0]
        if (row, column) == (0, 0):
            expected = image
        elif column == 0:
            expected = F.max_pool2d(maps[row - 1, 0], 2)
        else:
            read = [maps[row, left] for left in range(column)] + [aligned(maps[row + 1, column - 1], own)]
            read += [aligned(maps[row - 1, column], own)] if row else []
            expected = torch.cat(read, dim=1)
        assert torch.equal(given, expected), (row, column)
    lower = [maps[4 - column, column] for column in range(4)]
    narrowed = [aligned(conv(each), image) for conv, each in zip(decoder.narrow, lower, strict=True)]
    torch.testing.assert_close(trace.given[decoder.fuse][0], torch.cat([*narrowed, maps[0, 4]], dim=1))
    fused = decoder.head(trace.found[decoder.fuse])
    sides = [head(maps[0, column]) for column, head in enumerate(decoder.side_heads, start=1)]
    assert all(torch.equal(*each) for each in zip(outputs, [fused, *sides], strict=True))


@torch.no_grad()
def test_the_scales_of_mshnet() -> None:
    host = MSHNet(HostSettings()).eval()
    trace = Trace(host)
    image = torch.randn(1, 1, 32, 48)
    fused, *scales = host(image)
    encoder, decoder = parts(host)
    down, up = encoder.stages, decoder.stages
    for above, stage in pairwise(down):
        assert torch.equal(trace.given[stage][0], F.max_pool2d(trace.found[above], 2))
    deep = trace.found[down[4]]
    for row in (3, 2, 1, 0):
        skip = trace.found[down[row]]
        torch.testing.assert_close(trace.given[up[row]][0], torch.cat([skip, aligned(deep, skip)], dim=1))
        deep = trace.found[up[row]]
        assert torch.equal(scales[row], decoder.heads[row](deep))
    full = torch.cat([aligned(scale, image) for scale in scales], dim=1)
    torch.testing.assert_close(fused, decoder.fuse(full))
