"""DNANet: a dense nested U-Net with attention. Li et al., TIP 2023."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from irstd.models.hosts.base import Decoder, Encoder, Features, Host
from irstd.models.hosts.blocks import Att, attention_stage, enlarged, resized
from irstd.models.hosts.detector import HostSettings, host_entry

Place = tuple[int, int]
"""(row, column) of a node: row i stands at stride 2^i, column j counts its nodes from left to right."""

_WIDTHS = (16, 32, 64, 128, 256)
_DEPTH = len(_WIDTHS) - 1


def _diagonal(level: int) -> list[Place]:
    """The nodes whose row and column add up to `level`, in the order in which they can be computed."""
    return [(level - column, column) for column in range(level + 1)]


_SKIPS = [place for level in range(_DEPTH) for place in _diagonal(level)]
_BOTTLENECK, *_REST = _diagonal(_DEPTH)


class Nodes(nn.Module):
    """Nodes of the nest by place; X(0, 0), which reads the image, is not among them."""

    def __init__(self, places: Iterable[Place]) -> None:
        super().__init__()
        self.nodes = nn.ModuleDict({_name(place): _node(place) for place in places})

    def forward(self, place: Place, known: dict[Place, Tensor]) -> Tensor:
        """The map of one node, whose inputs are all in `known`."""
        row, column = place
        if column == 0:
            return torch.as_tensor(self.nodes[_name(place)](F.max_pool2d(known[row - 1, 0], 2)))
        own = [known[row, left] for left in range(column)]
        own.append(resized(known[row + 1, column - 1], own[0], corners=True))
        if row:
            own.append(resized(known[row - 1, column], own[0], corners=True))
        return torch.as_tensor(self.nodes[_name(place)](torch.cat(own, dim=1)))


class NestEncoder(Encoder):
    """X(4, 0) and every node that does not depend on it (row + column ≤ 3)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = attention_stage((channels, _WIDTHS[0]), 1)
        self.nest = Nodes([*_SKIPS[1:], _BOTTLENECK])

    def forward(self, images: Tensor) -> Features:
        """Deep X(4, 0) (B, 256, H/16, W/16), skips X(i, j) with i + j ≤ 3, by i + j and then by j."""
        known = {(0, 0): self.first(images)}
        for place in [*_SKIPS[1:], _BOTTLENECK]:
            known[place] = self.nest(place, known)
        return Features(known[_BOTTLENECK], tuple(known[place] for place in _SKIPS))


class NestDecoder(Decoder):
    """X(3, 1), X(2, 2), X(1, 3), X(0, 4), their fusion with X(4, 0), and the four heads.

    Three of the heads read only encoder features; they are here because they are outputs.
    """

    def __init__(self) -> None:
        super().__init__()
        width = _WIDTHS[0]
        self.nest = Nodes(_REST)
        self.narrow = nn.ModuleList(nn.Conv2d(_WIDTHS[row], width, 1) for row, _ in _diagonal(_DEPTH)[:-1])
        self.fuse = Att((width * (_DEPTH + 1), width))
        self.head = nn.Conv2d(width, 1, 1)
        self.side_heads = nn.ModuleList(nn.Conv2d(width, 1, 1) for _ in range(_DEPTH - 1))

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """Four maps of logits (B, 1, H, W): of the fusion, of X(0, 1), of X(0, 2), of X(0, 3)."""
        known = {_BOTTLENECK: features.deep, **dict(zip(_SKIPS, features.skips, strict=True))}
        for place in _REST:
            known[place] = self.nest(place, known)
        *lower, top = _diagonal(_DEPTH)
        levels = [
            enlarged(narrow(known[place]), 2 ** place[0], corners=True)
            for narrow, place in zip(self.narrow, lower, strict=True)
        ]
        fused = self.fuse(torch.cat([*levels, known[top]], dim=1))
        sides = (head(known[0, column]) for column, head in enumerate(self.side_heads, start=1))
        return (self.head(fused), *sides)


class DNANet(Host):
    """4,696,568 parameters at one channel; four outputs at full size, each against the label."""

    channels, stride = _WIDTHS[-1], 16
    loss = "soft_iou"
    paper = "Li et al., Dense Nested Attention Network for Infrared Small Target Detection, TIP 2023"

    def __init__(self, settings: HostSettings) -> None:
        super().__init__(NestEncoder(settings.channels), NestDecoder())


def _name(place: Place) -> str:
    return f"x{place[0]}{place[1]}"


def _node(place: Place) -> nn.Sequential:
    """The blocks of one node, but for X(0, 0): one in row 0, else two."""
    row, column = place
    into = column * _WIDTHS[row] + (_WIDTHS[row - 1] if row else 0) + (_WIDTHS[row + 1] if column else 0)
    return attention_stage((into, _WIDTHS[row]), 2 if row else 1)


ENTRY = host_entry("dnanet", DNANet)
