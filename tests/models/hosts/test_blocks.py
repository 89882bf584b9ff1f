"""The shared blocks against their formulas, written once more with plain functions of torch."""

from typing import Any, TypeVar

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.errors import TrainingError
from irstd.models.hosts.blocks import Asym, Att, Head, Res, Stem4

M = TypeVar("M", bound=nn.Module)


def settled(module: M) -> M:
    """In eval mode with BatchNorm statistics, gains and shifts that are not the first ones."""
    torch.manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values in (part.running_mean, part.bias.data):
                assert values is not None
                values.normal_()
            for values in (part.running_var, part.weight.data):
                assert values is not None
                values.uniform_(0.5, 2.0)
    return module.eval()


class Twin:
    """A module's weights in the order in which its layers were written, for functions that take them one by one."""

    def __init__(self, module: nn.Module) -> None:
        self.layers: list[Any] = [part for part in module.modules() if isinstance(part, nn.Conv2d | nn.BatchNorm2d)]

    def conv(self, features: Tensor, stride: int = 1) -> Tensor:
        layer = self.layers.pop(0)
        return F.conv2d(features, layer.weight, layer.bias, stride, padding=layer.weight.shape[-1] // 2)

    def norm(self, features: Tensor) -> Tensor:
        layer = self.layers.pop(0)
        shift = [values.view(-1, 1, 1) for values in (layer.running_mean, layer.running_var, layer.weight, layer.bias)]
        return torch.as_tensor((features - shift[0]) / (shift[1] + 1e-5).sqrt() * shift[2] + shift[3])

    def gate(self, features: Tensor) -> Tensor:
        """1×1, BN, ReLU, 1×1, BN, sigmoid."""
        inner = self.norm(self.conv(features)).relu()
        return self.norm(self.conv(inner)).sigmoid()


@pytest.mark.parametrize(("channels", "stride"), [((8, 8), 1), ((8, 16), 2), ((8, 8), 2), ((8, 12), 1)])
def test_res(channels: tuple[int, int], stride: int) -> None:
    block = settled(Res(channels, stride))
    image, twin = torch.randn(2, channels[0], 6, 10), Twin(block)
    body = twin.norm(twin.conv(twin.norm(twin.conv(image, stride)).relu()))
    shortcut = image if channels == (8, 8) and stride == 1 else twin.norm(twin.conv(image, stride))
    torch.testing.assert_close(block(image), (body + shortcut).relu())
    assert not twin.layers


def test_asym() -> None:
    block = settled(Asym(16))
    high, low = torch.randn(2, 2, 16, 5, 7)
    twin = Twin(block)
    a = twin.gate(high.mean(dim=(2, 3), keepdim=True))
    b = twin.gate(low)
    expected = twin.norm(twin.conv(2 * low * a + 2 * high * b)).relu()
    torch.testing.assert_close(block(high, low), expected)


def test_asym_in_training_needs_two_images() -> None:
    block = Asym(16)
    one, two = torch.randn(1, 16, 4, 4), torch.randn(2, 16, 4, 4)
    with pytest.raises(TrainingError, match=r"^Asym: .* at least 2 images in training, got 1; raise train\.batch"):
        block(one, one)
    assert block(two, two).shape == two.shape
    assert block.eval()(one, one).shape == one.shape


@pytest.mark.parametrize("channels", [(16, 16), (8, 32)])
def test_att(channels: tuple[int, int]) -> None:
    block = settled(Att(channels))
    image, twin = torch.randn(2, channels[0], 6, 10), Twin(block)
    body = twin.norm(twin.conv(twin.norm(twin.conv(image)).relu()))
    shrink, grow = twin.layers.pop(0).weight, twin.layers.pop(0).weight
    total = torch.zeros(2, channels[1], 1, 1)
    for pooled in (F.adaptive_avg_pool2d(body, 1), F.adaptive_max_pool2d(body, 1)):
        total = total + F.conv2d(F.conv2d(pooled, shrink).relu(), grow)
    body = body * total.sigmoid()
    seen = torch.stack([body.mean(dim=1), body.max(dim=1).values], dim=1)
    body = body * twin.conv(seen).sigmoid()
    shortcut = image if channels[0] == channels[1] else twin.norm(twin.conv(image))
    torch.testing.assert_close(block(image), (body + shortcut).relu())
    assert not twin.layers


def test_stem_and_head() -> None:
    stem, head = settled(Stem4(3)), settled(Head(16))
    image, twin = torch.randn(2, 3, 32, 48), Twin(stem)
    features = twin.norm(twin.conv(twin.norm(image), 2)).relu()
    features = twin.norm(twin.conv(features)).relu()
    features = F.max_pool2d(twin.norm(twin.conv(features)).relu(), 3, 2, padding=1)
    torch.testing.assert_close(stem(image), features)
    assert features.shape == (2, 16, 8, 12)
    twin = Twin(head)
    torch.testing.assert_close(head(features), twin.conv(twin.norm(twin.conv(features)).relu()))
    assert [part.p for part in head if isinstance(part, nn.Dropout)] == [0.1]
