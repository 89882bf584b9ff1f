import pytest
import torch

from irstd.errors import TrainingError
from irstd.losses.weighted_mse import weighted_mse


def maps(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


def test_weight_zero_is_twice_the_mean_squared_error() -> None:
    raw, label = torch.randn(2, 1, 5, 7), torch.rand(2, 1, 5, 7)
    assert weighted_mse(raw, label).item() == pytest.approx(2.0 * torch.nn.functional.mse_loss(raw, label).item())


def test_a_positive_cell_weighs_more_by_its_label() -> None:
    # 2 · ((1 + 20 · 1) · 0.5² + (1 + 20 · 0.5) · 0.5² + 1 · 1²) / 3
    loss = weighted_mse(maps(0.5, 1.0, -1.0), maps(1.0, 0.5, 0.0), 20.0)
    assert loss.item() == pytest.approx(2.0 * (21 * 0.25 + 11 * 0.25 + 1.0) / 3.0)


def test_right_output_costs_nothing() -> None:
    assert weighted_mse(maps(0.0, 1.0), maps(0.0, 1.0), 20.0).item() == 0.0


def test_unlike_shapes_are_named() -> None:
    with pytest.raises(TrainingError, match=r"raw output of shape \(1, 1, 1, 2\) against a label of shape \(1, 1, 1,"):
        weighted_mse(maps(0.0, 1.0), maps(0.0))
