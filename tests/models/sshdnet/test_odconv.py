"""The dynamic convolution against loops."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from irstd.models.sshdnet.odconv import KernelGates, ODConv

Array = NDArray[np.float64]


def dynamic(channels: tuple[int, int], kernel: int, stride: int = 1) -> ODConv:
    """One in eval mode, with running statistics that are not the initial ones."""
    torch.manual_seed(0)
    conv = ODConv(channels, kernel, stride).double()
    conv.train()(torch.randn(8, channels[0], 4, 4, dtype=torch.float64))
    return conv.eval()


def dense(layer: nn.Module, values: Array) -> Array:
    """A 1×1 convolution of one cell."""
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, torch.Tensor)
    found = weight.detach().numpy()[:, :, 0, 0] @ values
    return np.asarray(found if bias is None else found + bias.detach().numpy())  # type: ignore[operator]


def gates_by_hand(gates: KernelGates, sample: Array) -> list[Array]:
    norm = gates.squeeze.norm
    mean, var = norm.running_mean, norm.running_var
    assert mean is not None
    assert var is not None
    hidden = dense(gates.squeeze.conv, sample.mean(axis=(1, 2)))
    hidden = np.maximum((hidden - mean.numpy()) / np.sqrt(var.numpy() + norm.eps), 0.0)
    heads = [gates.channel, gates.filters] + ([] if gates.position is None else [gates.position])
    return [1 / (1 + np.exp(-dense(head, hidden))) for head in heads]


def by_loops(conv: ODConv, sample: Array, stride: int) -> Array:
    """The convolution of one sample (in, H, W), a product at a time."""
    channel, filters, *rest = gates_by_hand(conv.gates, sample)
    kernel = conv.weight.detach().numpy()
    out, into, side, _ = kernel.shape
    position = rest[0].reshape(side, side) if rest else np.ones((side, side))
    reach = side // 2
    padded = np.pad(sample, ((0, 0), (reach, reach), (reach, reach)))
    height, width = (-(-length // stride) for length in sample.shape[1:])
    found = np.zeros((out, height, width))
    for o, y, x in np.ndindex(found.shape):
        for i, dy, dx in np.ndindex(into, side, side):
            weight = kernel[o, i, dy, dx] * channel[i] * filters[o] * position[dy, dx]
            found[o, y, x] += weight * padded[i, y * stride + dy, x * stride + dx]
    return found


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (1, 1)])
def test_each_sample_has_the_kernel_that_its_own_means_ask_for(kernel: int, stride: int) -> None:
    conv = dynamic((4, 3), kernel, stride)
    features = torch.randn(3, 4, 5, 6, dtype=torch.float64) + torch.arange(3.0).view(3, 1, 1, 1)
    with torch.no_grad():
        found = conv(features).numpy()
    for sample, output in zip(features.numpy(), found, strict=True):
        np.testing.assert_allclose(output, by_loops(conv, sample, stride), atol=1e-12)


@pytest.mark.parametrize("kernel", [1, 3])
def test_with_open_gates_it_is_a_plain_convolution(kernel: int) -> None:
    conv = dynamic((4, 3), kernel)
    for head in (conv.gates.channel, conv.gates.filters, conv.gates.position):
        if head is not None:
            nn.init.constant_(head.weight, 0.0)
            nn.init.constant_(head.bias, 100.0)  # type: ignore[arg-type]  # these have one
    features = torch.randn(2, 4, 5, 6, dtype=torch.float64)
    plain = nn.functional.conv2d(features, conv.weight, padding=kernel // 2)
    torch.testing.assert_close(conv(features), plain)


def test_it_starts_as_the_release_does() -> None:
    """Normal after He by the fan-out; biases 0, so that every gate is open by half."""
    torch.manual_seed(0)
    conv = ODConv((64, 128), 3)
    assert float(conv.weight.detach().std()) == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.02)
    assert float(conv.gates.filters.weight.detach().std()) == pytest.approx((2 / 128) ** 0.5, rel=0.05)
    assert all(bool((each.bias == 0).all()) for each in (conv.gates.channel, conv.gates.filters))  # type: ignore[union-attr]


@pytest.mark.parametrize(("channels", "hidden"), [(8, 16), (256, 16), (512, 32)])
def test_the_width_of_the_gates(channels: int, hidden: int) -> None:
    gates = KernelGates((channels, 7), 3)
    assert gates.squeeze.conv.bias is None
    shapes = {name: tuple(weight.shape[:2]) for name, weight in gates.named_parameters() if weight.ndim == 4}
    assert shapes == {
        "squeeze.conv.weight": (hidden, channels),
        "channel.weight": (channels, hidden),
        "filters.weight": (7, hidden),
        "position.weight": (9, hidden),
    }
    assert {name for name, _ in gates.named_parameters() if name.endswith("bias")} == {
        "squeeze.norm.bias",
        "channel.bias",
        "filters.bias",
        "position.bias",
    }


def test_a_kernel_of_one_position_has_no_gate_for_it() -> None:
    assert KernelGates((8, 8), 1).position is None
