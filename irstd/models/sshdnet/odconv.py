"""Omni-dimensional dynamic convolution (Li et al., ICLR 2022) with one kernel, as SSHD-Net uses it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.blocks import ConvNorm

_LEAST_HIDDEN = 16
_RATIO = 16


class ODConv(nn.Conv2d):
    """A convolution without bias whose kernel is weighted per sample; stride 1 keeps the size.

    Its kernel (out, in, k, k) is multiplied by a gate in (0, 1) for each input channel, each filter and each of the
    k × k positions, all three from the sample's own global means. Training needs batches of at least two. Kernel and
    gates start as in the paper's release: normal after He by the fan-out, biases 0.
    """

    def __init__(self, channels: tuple[int, int], kernel: int, stride: int = 1) -> None:
        super().__init__(*channels, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.gates = KernelGates(channels, kernel)
        _start(self)

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, ⌈H/stride⌉, ⌈W/stride⌉) of (B, in, H, W)."""
        gates: tuple[Tensor, Tensor, Tensor | None] = self.gates(features)
        channel, filters, position = gates
        gated = features * channel  # the same as gating the kernel's channels, and less work; so with the filters
        if position is None:
            return F.conv2d(gated, self.weight, None, self.stride, self.padding) * filters
        return self._each_its_own(gated, self.weight * position) * filters

    def _each_its_own(self, features: Tensor, kernels: Tensor) -> Tensor:
        """Convolve sample b of (B, in, H, W) with kernel b of (B, out, in, k, k), as one convolution in B groups."""
        batch, _, height, width = features.shape
        grouped = features.reshape(1, -1, height, width)
        found = F.conv2d(grouped, kernels.flatten(0, 1), None, self.stride, self.padding, groups=batch)
        return found.view(batch, -1, *found.shape[2:])


class KernelGates(nn.Module):
    """Gates of an ODConv's kernel: global means, 1×1 convolution, BatchNorm, ReLU, then one 1×1 a gate.

    The hidden width is max(16, in / 16); the shared 1×1 has no bias, the gates' own have one; a kernel of one position
    has no gate for it.
    """

    def __init__(self, channels: tuple[int, int], kernel: int) -> None:
        super().__init__()
        hidden = max(_LEAST_HIDDEN, channels[0] // _RATIO)
        self.squeeze = ConvNorm((channels[0], hidden), 1)
        self.channel = nn.Conv2d(hidden, channels[0], 1)
        self.filters = nn.Conv2d(hidden, channels[1], 1)
        self.position = nn.Conv2d(hidden, kernel**2, 1) if kernel > 1 else None
        self.kernel = kernel

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Gates (B, in, 1, 1), (B, out, 1, 1) and (B, 1, 1, k, k) or None, in (0, 1), of (B, in, H, W)."""
        hidden = self.squeeze(features.mean(dim=(2, 3), keepdim=True))
        position = None
        if self.position is not None:
            position = torch.sigmoid(self.position(hidden)).view(-1, 1, 1, self.kernel, self.kernel)
        return torch.sigmoid(self.channel(hidden)), torch.sigmoid(self.filters(hidden)), position


def _start(convolution: ODConv) -> None:
    for part in convolution.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
