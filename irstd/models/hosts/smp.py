"""Encoder-decoders of segmentation_models.pytorch (extra `smp`), by name."""

import copy
import importlib
from difflib import get_close_matches
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from irstd.errors import ModelError, TrainingError, UnknownNameError, in_one_line, lookup
from irstd.models.entry import DetectorEntry
from irstd.models.hosts.base import Decoder, Encoder, Features, Host
from irstd.models.hosts.detector import HostSettings, build_host

FAMILY = "smp-"

# Those whose decoder reads the encoder's list of features and nothing else; DPT's does not.
ARCHITECTURES = {
    "unet": "Unet",
    "unetplusplus": "UnetPlusPlus",
    "manet": "MAnet",
    "linknet": "Linknet",
    "fpn": "FPN",
    "pspnet": "PSPNet",
    "deeplabv3": "DeepLabV3",
    "deeplabv3plus": "DeepLabV3Plus",
    "pan": "PAN",
    "upernet": "UPerNet",
    "segformer": "Segformer",
}

# Sides in px that a frame must have a multiple of, for what happens inside: 32 for the encoders' own stages.
_LEAST = {"pan": 128}

# With what smp, timm and torch say that an encoder does not fit.
_REFUSALS = (AssertionError, AttributeError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError)

# Older names that smp itself translates to names of timm.
_TRANSLATED = ("timm-regnet", "timm-res2", "timm-resnest", "timm-mobilenetv3", "timm-gernet")


class SmpEncoder(Encoder):
    """An encoder of smp; skips: its other features, from the image itself down."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Features:
        """Deep: the last feature; skips: the image and those of larger size."""
        *skips, deep = _called(self.network, images)
        return Features(deep, tuple(skips))


class SmpDecoder(Decoder):
    """A decoder of smp and its segmentation head."""

    def __init__(self, network: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.network, self.head = network, head

    def forward(self, features: Features) -> tuple[Tensor, ...]:
        """One map of logits, (B, 1, H, W)."""
        return (self.head(_called(self.network, [*features.skips, features.deep])),)


class SmpHost(Host):
    """smp's network with its own first weights, none of them pretrained.

    Weights that no output depends on, such as encoder stages that the decoder does not read, are frozen.
    """

    loss = "bce_soft_iou"
    paper = "an encoder-decoder of segmentation_models.pytorch (Iakubovskii, 2019)"

    def __init__(self, name: str, settings: HostSettings) -> None:
        """Build the network that `name` says, `smp-ARCHITECTURE-ENCODER`.

        Raises:
            UnknownNameError: there is no such architecture or encoder.
            ModelError: smp is not installed, or cannot put the two together.
        """
        architecture, encoder = check_name(name)
        kind = getattr(_smp(), ARCHITECTURES[architecture])
        try:
            network: Any = kind(encoder, encoder_weights=None, in_channels=settings.channels, classes=1)
            super().__init__(SmpEncoder(network.encoder), SmpDecoder(network.decoder, network.segmentation_head))
            self.channels = int(network.encoder.out_channels[-1])
            self.stride = int(network.encoder.output_stride)
            self.multiple = max(_LEAST.get(architecture, 32), self.stride)
            _freeze_unread(self, settings.channels)
        except _REFUSALS as fault:
            raise ModelError(
                f"{name}: segmentation_models.pytorch cannot put {architecture} on {encoder} ({in_one_line(fault)});"
                " choose another encoder"
            ) from fault


def check_name(name: str) -> tuple[str, str]:
    """Split `smp-ARCHITECTURE-ENCODER` into architecture and encoder.

    Raises:
        UnknownNameError: there is no such architecture or encoder; the message names the closest ones.
        ModelError: segmentation_models.pytorch is not installed.
    """
    architecture, _, encoder = name.removeprefix(FAMILY).partition("-")
    lookup(ARCHITECTURES, architecture, "smp architecture")
    known = _encoders()
    if encoder not in known and not encoder.startswith(_TRANSLATED):
        close = get_close_matches(encoder, known, n=3, cutoff=0.0)
        raise UnknownNameError(
            f"unknown smp encoder '{encoder}' in '{name}': closest: {', '.join(close)};"
            f" {len(known)} are known, such as smp-{architecture}-resnet18, and tu-NAME for a network of timm"
        )
    return architecture, encoder


def _encoders() -> list[str]:
    """smp's own encoders, then those of timm as `tu-NAME`."""
    timm = importlib.import_module("timm")
    return [*_smp().encoders.get_encoder_names(), *(f"tu-{name}" for name in timm.list_models())]


def _smp() -> Any:
    """Import the package at first use; it takes a second."""
    try:
        return importlib.import_module("segmentation_models_pytorch")
    except ModuleNotFoundError as fault:
        if fault.name != "segmentation_models_pytorch":
            raise
        raise ModelError(
            "models named smp-… need a package that is not installed, irstd's extra smp;"
            " pip install 'segmentation-models-pytorch>=0.6'"
        ) from fault


def _freeze_unread(host: Host, channels: int) -> None:
    """Freeze the weights of `host` that get no gradient, as an optimizer keeps no state for them (meta device)."""
    twin = copy.deepcopy(host).to("meta").eval()
    side = 2 * host.multiple
    torch.autograd.backward([raw.sum() for raw in twin(torch.empty((1, channels, side, side), device="meta"))])
    read = {name for name, weight in twin.named_parameters() if weight.grad is not None}
    for name, weight in host.named_parameters():
        weight.requires_grad_(name in read)


def _called(network: nn.Module, given: object) -> Any:
    """Call a part of smp.

    Raises:
        TrainingError: it normalises over the batch where each image has one value left, and the batch is of one.
    """
    try:
        return network(given)
    except ValueError as fault:
        if "more than 1 value per channel" not in str(fault):
            raise
        raise TrainingError(
            f"{type(network).__name__}: normalises single values over the batch and needs at least 2 images in"
            " training, got 1; raise train.batch, or call eval() first"
        ) from fault


def find_entry(name: str) -> DetectorEntry:
    """Return the entry of `smp-ARCHITECTURE-ENCODER`.

    Raises:
        UnknownNameError: there is no such architecture or encoder.
        ModelError: segmentation_models.pytorch is not installed.
    """
    check_name(name)
    return DetectorEntry(name, partial(build_host, partial(SmpHost, name)), HostSettings, SmpHost.loss, SmpHost.paper)
