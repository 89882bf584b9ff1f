"""The contract of a host: an encoder and a decoder that a training method can wrap."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from torch import Tensor, nn


class Features(NamedTuple):
    """Output of an encoder.

    Attributes:
        deep: the bottleneck (B, channels, H / stride, W / stride).
        skips: the other features that the decoder reads, in the host's own order.
    """

    deep: Tensor
    skips: tuple[Tensor, ...]


class Encoder(nn.Module, ABC):
    """The part of a host up to the bottleneck, with all that does not depend on it."""

    @abstractmethod
    def forward(self, images: Tensor) -> Features:
        """The features of normalised images (B, C, H, W), height and width multiples of the host's."""


class Decoder(nn.Module, ABC):
    """The part of a host that depends on the bottleneck."""

    @abstractmethod
    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """Return logits (B, 1, h, w): the deployed output at full size first, then those of deep supervision."""


class Host(nn.Module):
    """An encoder-decoder in two parts.

    Attributes:
        encoder, decoder: the two; together they are the whole network.
        channels, stride: channels of the bottleneck `Features.deep`, and input px a cell of it.
        multiple: height and width of the input are multiples of this many px.
        loss: the name of the paper's loss in `irstd.losses.LOSSES`.
        paper: its arXiv number or journal.
    """

    channels: int
    stride: int
    multiple: int = 16
    loss: ClassVar[str]
    paper: ClassVar[str]

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The decoder's logits of normalised images (B, C, H, W)."""
        outputs: tuple[Tensor, ...] = self.decoder(self.encoder(images))
        return outputs
