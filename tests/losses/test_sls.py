import math

import pytest
import torch
from torch import Tensor

from irstd.errors import TrainingError
from irstd.losses import LOSSES, LossState
from irstd.losses.sls import sls
from irstd.losses.table import SLS_WARM_UP, label_for

WARM, DONE = LossState(progress=0.0), LossState(progress=SLS_WARM_UP)


def logit(*rows: tuple[float, ...]) -> Tensor:
    return torch.logit(torch.tensor(rows).double()).float()[None, None]


def mask(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows)[None, None]


def by_pixel(logits: Tensor, label: Tensor) -> float:
    """The loss of one image (h, w), pixel by pixel, as docs/methods.md states it: without smoothing."""
    height, width = logits.shape
    moments = {"p": [0.0, 0.0], "t": [0.0, 0.0]}
    sums = {"p": 0.0, "t": 0.0, "pt": 0.0}
    for row in range(height):
        for column in range(width):
            p, t = 1.0 / (1.0 + math.exp(-logits[row, column].item())), label[row, column].item()
            sums = {"p": sums["p"] + p, "t": sums["t"] + t, "pt": sums["pt"] + p * t}
            for name, value in (("p", p), ("t", t)):
                moments[name][0] += column / width * value / (height * width)
                moments[name][1] += row / height * value / (height * width)
    v = ((sums["p"] - sums["t"]) / 2) ** 2
    alpha = (min(sums["p"], sums["t"]) + v) / (max(sums["p"], sums["t"]) + v)
    (x, y), (true_x, true_y) = moments["p"], moments["t"]
    r, true_r = math.sqrt(x * x + y * y + 1e-8), math.sqrt(true_x**2 + true_y**2 + 1e-8)
    turn = math.atan(y / (x + 1e-8)) - math.atan(true_y / (true_x + 1e-8))
    location = 1 - min(r, true_r) / (max(r, true_r) + 1e-8) + 4 / math.pi**2 * turn**2
    return 1 - alpha * sums["pt"] / (sums["p"] + sums["t"] - sums["pt"]) + location


def test_a_few_pixels_by_hand() -> None:
    logits, label = logit((1e-9, 0.5), (1e-9, 0.5)), mask((0.0, 1.0), (0.0, 1.0))
    # P = 1, T = 2, I = 1, v = 1/4: IoU = 1/2, α = 1.25 / 2.25. Moments half of the label's, so θ = θ*, r = r* / 2.
    assert sls(logits, label, warm_up=True).item() == pytest.approx(0.5, abs=1e-5)
    assert sls(logits, label).item() == pytest.approx(1.0 - 1.25 / 2.25 / 2.0 + 0.5, abs=1e-5)


def test_the_angle_counts() -> None:
    logits, label = logit((1e-9, 1.0 - 1e-7), (1e-9, 1e-9)), mask((0.0, 0.0), (1.0, 0.0))
    # No overlap, one area, one radius, and a right angle: 1 + (4 / π²) · (π / 2)².
    assert sls(logits, label).item() == pytest.approx(2.0, abs=1e-4)


def test_agrees_with_a_loop_over_pixels() -> None:
    torch.manual_seed(0)
    logits, label = 2.0 * torch.randn(3, 1, 6, 9), (torch.rand(3, 1, 6, 9) > 0.8).float()
    each = [by_pixel(raw[0], truth[0]) for raw, truth in zip(logits, label, strict=True)]
    assert sls(logits, label).item() == pytest.approx(sum(each) / 3, rel=1e-5)


def test_an_image_without_a_target_pays_for_its_mass_alone() -> None:
    with_target = logit((0.5, 0.25)), mask((1.0, 0.0))
    without = logit((0.5, 0.25)), mask((0.0, 0.0))
    both = torch.cat([with_target[0], without[0]]), torch.cat([with_target[1], without[1]])
    for warm_up in (True, False):
        assert sls(*without, warm_up=warm_up).item() == pytest.approx(0.75 / 1.75)
        expected = (sls(*with_target, warm_up=warm_up).item() + 0.75 / 1.75) / 2
        assert sls(*both, warm_up=warm_up).item() == pytest.approx(expected)


@pytest.mark.parametrize("warm_up", [True, False])
def test_without_a_target_every_pixel_is_pulled_down(warm_up: bool) -> None:
    logits = logit((0.5, 0.25)).requires_grad_()
    torch.autograd.backward(sls(logits, mask((0.0, 0.0)), warm_up=warm_up))
    assert logits.grad is not None
    assert (logits.grad > 0.0).all()


@pytest.mark.parametrize("warm_up", [True, False])
def test_right_output_costs_nothing(warm_up: bool) -> None:
    logits, label = torch.full((2, 1, 4, 4), -200.0), torch.zeros(2, 1, 4, 4)
    logits[0, 0, 1, 2], label[0, 0, 1, 2] = 200.0, 1.0
    assert sls(logits, label, warm_up=warm_up).item() == pytest.approx(0.0, abs=1e-4)


def outputs() -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(2, 1, 16 // stride, 16 // stride).requires_grad_() for stride in (1, 1, 2, 4, 8)]


def label() -> Tensor:
    found = torch.zeros(2, 1, 16, 16)
    found[0, 0, 5, 9] = 1.0
    return found


def test_after_the_warm_up_each_output_counts_a_fifth_against_the_label_at_its_size() -> None:
    raw = outputs()
    expected = sum(sls(each, label_for(each, label())).item() for each in raw) / 5
    assert LOSSES["sls"](raw, label(), DONE).item() == pytest.approx(expected)


def test_in_the_warm_up_the_second_output_counts_alone() -> None:
    raw = outputs()
    found = LOSSES["sls"](raw, label(), WARM)
    assert found.item() == pytest.approx(sls(raw[1], label(), warm_up=True).item())
    torch.autograd.backward(found)
    for index, each in enumerate(raw):
        assert each.grad is not None
        assert bool(each.grad.any()) == (index == 1)


def test_a_single_output_is_warmed_up_by_itself() -> None:
    raw = outputs()[0]
    assert LOSSES["sls"]([raw], label(), WARM).item() == pytest.approx(sls(raw, label(), warm_up=True).item())


def test_the_warm_up_is_five_of_four_hundred_epochs() -> None:
    raw = outputs()
    warm = [LOSSES["sls"](raw, label(), LossState(progress=epoch / 400)).item() for epoch in (0, 4, 5)]
    assert warm[0] == warm[1] != warm[2]


def test_unlike_shapes_are_named() -> None:
    with pytest.raises(TrainingError, match=r"sls: raw output of shape \(1, 1, 1, 2\) against a label of shape"):
        sls(logit((0.5, 0.5)), mask((0.0,)))
