"""A detector as it is exported: a copy in eval mode, BatchNorm folded into the convolutions before it."""

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from irstd.models.base import Detector
from irstd.models.sshdnet.odconv import ODConv

_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


def folded(detector: Detector) -> Detector:
    """Return a copy in eval mode, on the CPU, whose output is the same but for rounding.

    A BatchNorm goes into the convolution whose output it reads; one behind anything else stays.
    """
    twin = copy.deepcopy(detector).cpu().eval()
    for norm, convolution in _pairs(twin).items():
        fused = fuse_conv_bn_eval(
            cast(nn.Conv2d, twin.get_submodule(convolution)),
            cast(nn.BatchNorm2d, twin.get_submodule(norm)),
            transpose=isinstance(twin.get_submodule(convolution), nn.ConvTranspose2d),
        )
        _replace(twin, convolution, fused)
        _replace(twin, norm, nn.Identity())
    for name, module in list(twin.named_modules()):
        if isinstance(module, ODConv):
            _replace(twin, name, PlainODConv(module))
    return twin.eval()


def _pairs(detector: Detector) -> dict[str, str]:
    """Return the names of BatchNorms and of the convolution that each one always reads, and no other reads."""
    names = {module: name for name, module in detector.named_modules()}
    made = dict[int, nn.Module]()  # by the id of an output, which `kept` keeps from being taken by another
    read = dict[str, set[str]]()
    kept = list[Tensor]()

    def after(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if type(module) is nn.BatchNorm2d:
            source = made.get(id(given[0]))
            read.setdefault(names[module], set()).add("" if source is None else names[source])
        else:
            made[id(output)] = module
            kept.append(output)

    # No subclasses: a dynamic kernel cannot take a BatchNorm in, and one with an activation is more than itself.
    watched = [module for module in names if type(module) in (*_CONVOLUTIONS, nn.BatchNorm2d)]
    hooks = [module.register_forward_hook(after) for module in watched]
    side = max(64, detector.input.multiple)
    with torch.no_grad():
        detector(torch.zeros(1, detector.input.channels, side, side))
    for hook in hooks:
        hook.remove()
    pairs = {norm: next(iter(sources)) for norm, sources in read.items() if len(sources) == 1}
    return {norm: source for norm, source in pairs.items() if source and list(pairs.values()).count(source) == 1}


def _replace(network: nn.Module, name: str, part: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(network.get_submodule(parent), own, part)


class PlainODConv(nn.Module):
    """An ODConv for batches of any size: one convolution of all images, no group an image.

    The k × k shifts of the features are gated and joined as channels, and a 1 × 1 convolution takes them all.
    """

    def __init__(self, dynamic: ODConv) -> None:
        super().__init__()
        self.gates, self.kernel, self.step = dynamic.gates, dynamic.kernel_size[0], dynamic.stride[0]
        weight = dynamic.weight.detach().permute(0, 2, 3, 1)  # (out, k, k, in)
        self.weight = nn.Parameter(weight.flatten(1)[:, :, None, None].contiguous())

    def forward(self, features: Tensor) -> Tensor:
        """(B, out, ⌈H/stride⌉, ⌈W/stride⌉) of (B, in, H, W)."""
        gates: tuple[Tensor, Tensor, Tensor | None] = self.gates(features)
        channel, filters, position = gates
        gated = features * channel
        if position is None:
            return F.conv2d(gated, self.weight, None, self.step) * filters
        reach = self.kernel // 2
        padded = F.pad(gated, (reach, reach, reach, reach))
        height, width = features.shape[2:]
        shifts = [
            padded[:, :, row : row + height : self.step, column : column + width : self.step]
            * position[:, 0, :, row, column, None, None]
            for row in range(self.kernel)
            for column in range(self.kernel)
        ]
        return F.conv2d(torch.cat(shifts, dim=1), self.weight) * filters
