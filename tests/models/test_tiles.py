from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from irstd.frames import place_native
from irstd.models.base import Rules
from irstd.models.predict import detect, raw_output
from irstd.models.registry import build
from irstd.models.spire_plus.network import REACH_PX
from irstd.models.tiles import Planes, in_tiles


def small_network() -> Callable[[Planes], Planes]:
    """Strides 2 and 4, with a reach of 15 px."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 3, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(3, 2, 3, stride=2, padding=1)]
    network = nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1)).eval()

    @torch.inference_mode()
    def forward(images: Planes) -> Planes:
        return np.asarray(network(torch.from_numpy(images)).numpy())

    return forward


def noise(height: int, width: int) -> Planes:
    return np.random.default_rng(0).random((1, 1, height, width), dtype=np.float32)


@pytest.mark.parametrize("size", [(40, 40), (96, 40), (100, 132), (64, 200)])
def test_tiles_are_the_whole_frame(size: tuple[int, int]) -> None:
    network, images = small_network(), noise(*size)
    np.testing.assert_allclose(in_tiles(network, images, 16, 4, 32), network(images), atol=1e-6, rtol=0)


def test_a_reach_too_short_shows() -> None:
    network, images = small_network(), noise(96, 96)
    assert not np.allclose(in_tiles(network, images, 0, 4, 32), network(images), atol=1e-4)


def test_spire_plus_looks_no_further_than_it_says() -> None:
    """A random network, since a trained one may look less far; every place of a cell of its greatest stride."""
    torch.manual_seed(0)
    network = build("spire-plus", {}).eval()
    for place in (144, 158):
        images = torch.rand(1, 1, 304, 304, requires_grad=True)
        (gradient,) = torch.autograd.grad(network(images)[0, :, place // 2, place // 2].sum(), images)
        seen = gradient[0, 0].abs().amax(dim=1).nonzero().flatten()
        assert place - int(seen[0]) <= REACH_PX
        assert int(seen[-1]) - place - 1 <= REACH_PX
        assert REACH_PX % 16 == 0


def test_a_large_frame_gives_what_its_windows_give() -> None:
    torch.manual_seed(0)
    detector = build("spire-plus", {}).eval()
    frame = np.random.default_rng(0).integers(0, 256, (1400, 1300), dtype=np.uint8)
    raw = raw_output(detector, frame)
    window = raw_output(detector, frame[960:1360, 960:])
    inner = np.s_[:, 56:120, 56:120]
    np.testing.assert_allclose(raw[:, 480:680, 480:][inner], window[inner], atol=1e-5)
    placement = place_native(1400, 1300, 16)
    found = detector.detections(raw, placement, Rules(threshold=0.0))
    assert found.points.tolist() == detect(detector, frame, Rules(threshold=0.0)).points.tolist()
