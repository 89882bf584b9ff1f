"""Coordinate attention against loops."""

import numpy as np
import pytest
import torch
from torch import nn

from irstd.models.sshdnet.attention import CoordAtt


def test_every_row_and_every_column_has_its_own_gate() -> None:
    torch.manual_seed(0)
    attention = CoordAtt(3).double().eval()
    features = torch.randn(2, 3, 4, 6, dtype=torch.float64)

    def gate(head: nn.Conv2d, means: torch.Tensor) -> torch.Tensor:
        hidden = attention.norm(attention.squeeze(means.view(1, 3, 1, 1)))
        return torch.sigmoid(head(hidden * (hidden + 3).clamp(0, 6) / 6)).flatten()

    expected = torch.empty_like(features)
    with torch.no_grad():
        for b, y, x in np.ndindex(2, 4, 6):
            row, column = features[b, :, y].mean(dim=1), features[b, :, :, x].mean(dim=1)
            of_row, of_column = gate(attention.rows, row), gate(attention.columns, column)
            expected[b, :, y, x] = features[b, :, y, x] * of_row * of_column
        torch.testing.assert_close(attention(features), expected)


@pytest.mark.parametrize(("channels", "hidden"), [(8, 8), (64, 8), (512, 16)])
def test_rows_and_columns_share_a_narrow_layer(channels: int, hidden: int) -> None:
    attention = CoordAtt(channels)
    assert attention.squeeze.weight.shape == (hidden, channels, 1, 1)
    assert attention.rows.weight.shape == attention.columns.weight.shape == (channels, hidden, 1, 1)
    assert attention.norm.num_features == hidden
