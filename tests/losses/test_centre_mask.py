import math

import pytest
import torch

from irstd.errors import TrainingError
from irstd.losses.centre_mask import centre_mask

SURE = 20.0


def scene() -> tuple[torch.Tensor, torch.Tensor]:
    """Output that is right and sure, and its label: one target of four pixels, its centre a quarter cell right."""
    label = torch.zeros(1, 8, 5, 5)
    label[0, :5, 2, 2] = 1.0
    label[0, 5, 2, 2], label[0, 7, 2, 2] = 0.25, 1.0
    raw = torch.cat([SURE * (2.0 * label[:, :5] - 1.0), label[:, 5:7]], dim=1)
    return raw, label


def test_the_right_output_costs_nothing() -> None:
    assert centre_mask(*scene()).item() == pytest.approx(0.0, abs=1e-6)


def test_each_fault_costs_what_it_says() -> None:
    raw, label = scene()
    moved = raw.clone()
    moved[0, 5, 2, 2] += 0.5
    assert centre_mask(moved, label).item() == pytest.approx(0.25, abs=1e-6)
    unsure = raw.clone()
    unsure[0, 4, 2, 2] = 0.0
    assert centre_mask(unsure, label).item() == pytest.approx(0.25 * math.log(2), abs=1e-6)


def test_a_cell_beside_a_centre_costs_less_than_one_far_off() -> None:
    raw, label = scene()
    label[0, 4, 2, 3] = 0.6
    near, far = raw.clone(), raw.clone()
    near[0, 4, 2, 3], far[0, 4, 0, 0] = 0.0, 0.0
    assert centre_mask(near, label).item() == pytest.approx(0.4**4 * centre_mask(far, label).item(), rel=1e-3)


def test_offsets_off_the_targets_cost_nothing() -> None:
    raw, label = scene()
    raw[0, 5:, 0, 0] = 9.0
    assert centre_mask(raw, label).item() == pytest.approx(0.0, abs=1e-6)


def test_a_batch_without_targets_has_a_loss() -> None:
    assert torch.isfinite(centre_mask(torch.zeros(2, 7, 4, 4), torch.zeros(2, 8, 4, 4)))


@pytest.mark.parametrize("shape", [(1, 1, 5, 5), (1, 7, 4, 5)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(TrainingError):
        centre_mask(torch.zeros(shape), torch.zeros(1, 8, 5, 5))
