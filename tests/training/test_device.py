"""Torch as a fit uses it."""

import torch
from torch import nn

from irstd.training.device import onednn_for_1x1


def test_1x1_convolutions_keep_their_values_and_settings() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1, stride=2, groups=2), nn.Conv2d(8, 4, 3, padding=1))
    images = torch.rand(2, 3, 9, 12)
    before = network(images)
    with onednn_for_1x1(network):
        inside = network(images)
        assert [module.dilation for module in network if isinstance(module, nn.Conv2d)] == [(2, 2), (2, 2), (1, 1)]
    assert [module.dilation for module in network if isinstance(module, nn.Conv2d)] == [(1, 1)] * 3
    torch.testing.assert_close(inside, before)
