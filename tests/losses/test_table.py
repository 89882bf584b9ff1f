"""The contract of every loss of the table."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from irstd.errors import TrainingError
from irstd.losses import LOSSES, LossState
from irstd.losses.table import label_for, over_outputs


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_float32_and_differentiable_for_half_outputs(name: str) -> None:
    planes = {"centre_mask": (7, 8)}.get(name, (1, 1))
    raw = torch.rand(2, planes[0], 4, 4).bfloat16().requires_grad_()
    loss = LOSSES[name]([raw], torch.rand(2, planes[1], 4, 4).round(), LossState(positive_weight=3.0))
    torch.autograd.backward(loss)
    assert loss.dtype == torch.float32
    assert loss.shape == ()
    assert raw.grad is not None
    assert raw.grad.isfinite().all()


def test_a_smaller_output_is_held_against_the_largest_of_each_block() -> None:
    label = torch.zeros(1, 1, 4, 6)
    label[0, 0, 1, 5] = 1.0
    assert label_for(torch.zeros(1, 1, 2, 3), label).tolist() == [[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]]]
    assert label_for(torch.zeros(1, 1, 4, 6), label) is label


@pytest.mark.parametrize("shape", [(1, 1, 3, 3), (1, 1, 8, 12), (2, 1, 4, 6)])
def test_an_output_that_is_no_whole_part_is_named(shape: Sequence[int]) -> None:
    with pytest.raises(TrainingError, match="the detector's stride must be the label's"):
        label_for(torch.zeros(*shape), torch.zeros(1, 1, 4, 6))


def test_outputs_share_their_loss_evenly() -> None:
    def total(raw: Tensor, label: Tensor, state: LossState) -> Tensor:
        return (raw - label).abs().sum() + state.progress

    outputs = [torch.ones(1, 1, 2, 2), torch.ones(1, 1, 1, 1)]
    assert over_outputs(total)(outputs, torch.zeros(1, 1, 2, 2), LossState(progress=0.5)).item() == (4.5 + 1.5) / 2
