import pytest
import torch

from irstd.errors import TrainingError
from irstd.losses.sparse_mse import sparse_mse


def maps(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


def test_the_absolute_error_comes_on_top_of_the_squared_one() -> None:
    # 2 · (0.5² + 0.1² + 0.01 · (0.5 + 0.1)) / 2
    assert sparse_mse(maps(0.5, 0.1), maps(1.0, 0.0)).item() == pytest.approx(0.25 + 0.01 + 0.006)


def test_the_weight_of_positive_cells_is_on_the_squared_part_only() -> None:
    # 2 · (3 · 0.5² + 0.01 · 0.5)
    assert sparse_mse(maps(0.5), maps(1.0), 2.0).item() == pytest.approx(2.0 * (0.75 + 0.005))


def test_faint_clutter_is_pulled_down_harder_than_its_square_would() -> None:
    raw = maps(0.001, 0.0).requires_grad_()
    torch.autograd.backward(sparse_mse(raw, maps(0.0, 0.0)))
    assert raw.grad is not None
    assert raw.grad[0, 0, 0, 0].item() == pytest.approx(2.0 * (2 * 0.001 + 0.01) / 2)


def test_unlike_shapes_are_named() -> None:
    with pytest.raises(TrainingError, match="against a label of shape"):
        sparse_mse(maps(0.0, 1.0), maps(0.0))
