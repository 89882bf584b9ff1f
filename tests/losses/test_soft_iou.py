import math

import numpy as np
import pytest
import torch
from torch import Tensor

from irstd.errors import TrainingError
from irstd.losses import LOSSES, LossState
from irstd.losses.bce_soft_iou import bce_soft_iou
from irstd.losses.soft_iou import soft_iou


def maps(*values: float) -> Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


def logit(*likely: float) -> Tensor:
    return torch.logit(maps(*likely).double()).float()


def gradient(loss: str, logits: Tensor, label: Tensor) -> Tensor:
    """Of a finite loss."""
    leaf = logits.clone().requires_grad_()
    value = LOSSES[loss]([leaf], label, LossState())
    assert value.isfinite()
    torch.autograd.backward(value)
    assert leaf.grad is not None
    return leaf.grad


def test_a_few_pixels_by_hand() -> None:
    # I = 0.9, P = 1.4, T = 1: 1 − 1.9 / (1.4 + 1 − 0.9 + 1)
    assert soft_iou(logit(0.9, 0.5, 1e-9), maps(1.0, 0.0, 0.0)).item() == pytest.approx(1.0 - 1.9 / 2.5)


def test_sums_run_over_the_whole_batch() -> None:
    logits, label = torch.randn(3, 1, 4, 5), (torch.rand(3, 1, 4, 5) > 0.7).float()
    common = given = wanted = 0.0
    for raw, truth in zip(logits.flatten().tolist(), label.flatten().tolist(), strict=True):
        likely = 1.0 / (1.0 + math.exp(-raw))
        common, given, wanted = common + likely * truth, given + likely, wanted + truth
    expected = 1.0 - (common + 1.0) / (given + wanted - common + 1.0)
    assert soft_iou(logits, label).item() == pytest.approx(expected, rel=1e-5)
    apart = torch.stack([soft_iou(*each) for each in zip(logits[:, None], label[:, None], strict=True)])
    assert soft_iou(logits, label).item() != pytest.approx(apart.mean().item(), rel=1e-3)


def test_without_a_target_the_mass_is_the_cost() -> None:
    label = maps(0.0, 0.0)
    assert soft_iou(logit(0.5, 0.25), label).item() == pytest.approx(0.75 / 1.75)
    assert soft_iou(maps(-200.0, -200.0), label).item() == 0.0
    assert (gradient("soft_iou", logit(0.5, 0.25), label) > 0.0).all()


@pytest.mark.parametrize("loss", ["soft_iou", "bce_soft_iou", "sls"])
@pytest.mark.parametrize("level", [-200.0, -30.0, 0.0, 30.0, 200.0])
@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_no_output_however_sure_gives_anything_but_numbers(loss: str, level: float, truth: float) -> None:
    label = torch.full((2, 1, 4, 4), truth)
    found = gradient(loss, torch.full((2, 1, 4, 4), level), label)
    assert found.isfinite().all()


def test_cross_entropy_comes_on_top() -> None:
    logits, label = logit(0.9, 0.5, 0.2), maps(1.0, 0.0, 0.0)
    entropy = -np.log([0.9, 0.5, 0.8]).mean()
    assert bce_soft_iou(logits, label).item() == pytest.approx(entropy + soft_iou(logits, label).item(), rel=1e-5)


def test_cross_entropy_of_a_sure_miss_keeps_its_gradient() -> None:
    logits, label = maps(-200.0, -200.0), maps(1.0, 0.0)
    assert gradient("soft_iou", logits, label).tolist() == [[[[0.0, 0.0]]]]
    assert gradient("bce_soft_iou", logits, label).tolist() == [[[[-0.5, 0.0]]]]


def test_right_output_costs_nothing() -> None:
    logits, label = maps(200.0, -200.0), maps(1.0, 0.0)
    assert soft_iou(logits, label).item() == 0.0
    assert bce_soft_iou(logits, label).item() == 0.0


@pytest.mark.parametrize("loss", [soft_iou, bce_soft_iou])
def test_unlike_shapes_are_named(loss: torch.nn.Module) -> None:
    with pytest.raises(TrainingError, match=r"soft_iou: raw output of shape \(1, 1, 1, 2\) against a label of shape"):
        loss(maps(0.0, 1.0), maps(0.0))
