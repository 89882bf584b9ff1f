"""The staircase, step by step."""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from irstd.models.sshdnet.dcfm import DCFM
from irstd.models.sshdnet.hcem import HCEM, SFCC
from tests.models.sshdnet.test_stage import CHANNELS, branches, convolutions


def with_statistics(module: nn.Module) -> nn.Module:
    """`module` in eval mode, its norms no longer the identity."""
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 2.0)
            nn.init.uniform_(norm.bias, -0.5, 0.5)
    return module.eval()


def test_the_channels_of_the_staircase() -> None:
    sfcc = SFCC(CHANNELS)
    assert convolutions(sfcc.down) == [(2, 4, 3, 2), (4, 8, 3, 2)]
    assert convolutions(sfcc.up) == [(4, 2, 1, 1), (8, 4, 1, 1)]


def test_the_order_of_the_steps() -> None:
    torch.manual_seed(0)
    hcem, given = HCEM(CHANNELS), branches()
    with_statistics(hcem)
    d12, d23 = hcem.sfcc.down
    u21, u32 = hcem.sfcc.up
    rounds = [list(each.children()) for each in hcem.blocks]

    def blocks(number: int, *each: Tensor) -> list[Tensor]:
        return [block(branch) for block, branch in zip(rounds[number], each, strict=True)]

    with torch.no_grad():
        b1, b2, b3 = given
        for odd, even in ((0, 1), (2, 3)):
            b1, b2, b3 = blocks(odd, b1, b2, b3)
            b2 = relu(b2 + d12(b1))
            b3 = relu(b3 + d23(b2))
            b1, b2, b3 = blocks(even, b1, b2, b3)
            b2 = relu(b2 + u32(b3))
            b1 = relu(b1 + u21(b2))
        expected = hcem.fusion((b1, b2, b3))
        found = hcem(given)
    assert len(rounds) == 4
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_compiler_finds_one_graph() -> None:
    """Of everything here that is more than layers in a row: the staircase, fusion, dynamic kernels, attention."""
    network, given = nn.Sequential(HCEM(CHANNELS[:2]), DCFM(CHANNELS[:2], attended=1, outputs=1)), branches()[:2]
    with_statistics(network)
    with torch.no_grad():
        (found,) = torch.compile(network, backend="eager", fullgraph=True)(given)
        assert torch.equal(found, network(given)[0])


def test_up_repeats_each_cell() -> None:
    (up,) = SFCC((1, 1)).up
    with_statistics(up)
    with torch.no_grad():
        lifted = up(torch.randn(1, 1, 2, 3))
    assert lifted.shape == (1, 1, 4, 6)
    assert torch.equal(lifted, lifted[..., ::2, ::2].repeat_interleave(2, 2).repeat_interleave(2, 3))
