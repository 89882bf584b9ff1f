"""Branches, their blocks and their fusion."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.sshdnet.dcfm import DCFM
from irstd.models.sshdnet.odconv import ODConv
from irstd.models.sshdnet.stage import BasicBlock, Fusion, StageModule

CHANNELS = (2, 4, 8)


def branches(channels: tuple[int, ...] = CHANNELS) -> tuple[Tensor, ...]:
    torch.manual_seed(1)
    return tuple(torch.randn(2, each, 16 >> level, 24 >> level) for level, each in enumerate(channels))


def convolutions(module: nn.Module) -> list[tuple[int, int, int, int]]:
    """(in, out, kernel, stride) of each, in order."""
    found = [each for each in module.modules() if isinstance(each, nn.Conv2d)]
    return [(each.in_channels, each.out_channels, each.kernel_size[0], each.stride[0]) for each in found]


def path(fusion: Fusion, source: int, goal: int) -> nn.Module:
    return list(list(fusion.outputs.children())[goal].children())[source]


def test_a_basic_block_adds_its_input_before_the_last_relu() -> None:
    block = BasicBlock(2).eval()
    features = torch.randn(1, 2, 5, 5)
    with torch.no_grad():
        inner = block.second.norm(block.second.conv(F.relu(block.first.norm(block.first.conv(features)))))
        assert torch.equal(block(features), F.relu(inner + features))


@pytest.mark.parametrize("outputs", [None, 1, 2])
def test_fusion_keeps_the_sizes_of_the_branches_that_it_gives(outputs: int | None) -> None:
    given = branches()
    found = Fusion(CHANNELS, outputs)(given)
    assert [each.shape for each in found] == [each.shape for each in given[:outputs]]


def test_the_ways_between_branches() -> None:
    fusion = Fusion(CHANNELS)
    assert convolutions(path(fusion, 0, 1)) == [(2, 4, 3, 2)]
    assert convolutions(path(fusion, 0, 2)) == [(2, 2, 3, 2), (2, 8, 3, 2)]
    assert convolutions(path(fusion, 2, 0)) == [(8, 2, 1, 1)]
    assert convolutions(path(fusion, 1, 1)) == []
    assert len(convolutions(fusion)) == 7  # 3 up, 2 down by one step, 2 in the one down by two


def test_fusion_is_the_relu_of_the_sum_of_all_ways() -> None:
    fusion, given = Fusion(CHANNELS).eval(), branches()
    with torch.no_grad():
        lifted = path(fusion, 2, 1)(given[2])
        assert torch.equal(lifted[..., 1::2, 1::2], lifted[..., ::2, ::2])  # nearest neighbour, not between cells
        expected = F.relu(path(fusion, 0, 1)(given[0]) + given[1] + lifted)
        torch.testing.assert_close(fusion(given)[1], expected)
        # Only the last convolution of a way down has no ReLU of its own.
        way = list(path(fusion, 0, 2).children())
        assert way[0](given[0]).min() >= 0 > way[1](way[0](given[0])).min()


def test_one_output_has_the_weights_of_one_output() -> None:
    whole, first = StageModule(CHANNELS), StageModule(CHANNELS, outputs=1)
    assert len(first(branches())) == 1
    more = {name for name, _ in whole.named_parameters()} - {name for name, _ in first.named_parameters()}
    assert more
    assert {name.split(".outputs.")[0] for name in more} == {"fusion"}
    assert {name.split(".outputs.")[1].split(".")[0] for name in more} == {"1", "2"}


def test_dynamic_are_the_two_convolutions_of_each_first_block() -> None:
    assert not [each for each in StageModule(CHANNELS).modules() if isinstance(each, ODConv)]
    stage = StageModule(CHANNELS, dynamic=True)
    names = {name for name, each in stage.named_modules() if isinstance(each, ODConv)}
    assert names == {f"branches.{branch}.0.{part}.conv" for branch in range(3) for part in ("first", "second")}


def test_dcfm_attends_to_its_first_outputs_only() -> None:
    dcfm, given = DCFM(CHANNELS, attended=2).eval(), branches()
    with torch.no_grad():
        fused, found = dcfm.stage(given), dcfm(given)
        assert torch.equal(found[0], dcfm.attention[0](fused[0]))
        assert torch.equal(found[1], dcfm.attention[1](fused[1]))
    assert torch.equal(found[2], fused[2])
    assert not torch.equal(found[1], fused[1])
    assert len(DCFM(CHANNELS, attended=1, outputs=1).eval()(given)) == 1
