"""What every encoder-decoder shows of itself, so that a training method can wrap it without knowing it."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from torch import Tensor, nn


class Features(NamedTuple):
    """What an encoder hands to its decoder.

    Attributes:
        deep: the bottleneck (B, channels, H / stride, W / stride).
        skips: everything else that the decoder reads, in the host's own order.
    """

    deep: Tensor
    skips: tuple[Tensor, ...]


class Encoder(nn.Module, ABC):
    """Everything that does not depend on the bottleneck, and the bottleneck."""

    @abstractmethod
    def forward(self, images: Tensor) -> Features:
        """The features of normalised images (B, C, H, W), height and width multiples of the host's."""


class Decoder(nn.Module, ABC):
    """Everything that depends on the bottleneck."""

    @abstractmethod
    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """Logits (B, 1, h, w): at full size what ships, then what deep supervision looks at besides."""


class Host(nn.Module):
    """An encoder-decoder in two named parts.

    Attributes:
        encoder, decoder: the two; together they are the whole network.
        channels, stride: of the bottleneck; of the channels of `Features.deep` and input px a cell of it.
        multiple: height and width of the input are multiples of this many px.
        loss: the name of the paper's loss in `irstd.losses.LOSSES`.
        paper: where it comes from.
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
