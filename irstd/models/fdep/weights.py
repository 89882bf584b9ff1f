"""Weights of foundation models, and the model built with them."""

import importlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors

from irstd.errors import ModelError, in_one_line

HUB: Final = "hub"
RANDOM: Final = "random"

_HEAD, _PATCH = "head.weight", "patch_embed.proj.weight"
_HUB_FILE = "model.safetensors"


def find_weights(name: str, weights: str) -> Path:
    """Find the safetensors file that `weights` (a path, or `hub`) names for timm's model `name`.

    The hub's file is downloaded once; a cached one needs no network.

    Raises:
        ModelError: there is no such file, or it cannot be downloaded; says how to get it.
    """
    if weights != HUB:
        return _checked(Path(weights))
    config = _timm().models.get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id:
        raise ModelError(f"foundation {name}: timm knows no weights of it; set model.weights to a safetensors file")
    hub: Any = importlib.import_module("huggingface_hub")
    place = (config.hf_hub_id, config.hf_hub_filename or _HUB_FILE)
    try:
        cached = hub.try_to_load_from_cache(*place)
        found = cached if isinstance(cached, str) else hub.hf_hub_download(*place)
    except Exception as fault:  # the hub's client raises what it likes: no network, no licence accepted, no such file
        raise ModelError(
            f"foundation {name}: its weights cannot be downloaded from the hub ({in_one_line(fault)}); run `hf download"
            f" {' '.join(place)}` once where there is a network, which fills the hub's cache, or set model.weights to"
            " that file; `random` is for tests and demos only"
        ) from fault
    return _checked(Path(found))


def create_vit(name: str, content: bytes | None = None, where: str = "weights") -> Any:
    """Build timm's model `name` without a head, with all weights of a safetensors file, or random ones.

    Args:
        name: a ViT of timm.
        content: content of the file; None: random weights.
        where: the file's place, for messages.

    Raises:
        ModelError: timm has no such model, it is no ViT, or the weights are of another network.
    """
    if not _timm().is_model(name.split(".", maxsplit=1)[0]):
        close = _timm().list_models(f"{name.split('_patch', maxsplit=1)[0]}*")[:5]
        raise ModelError(f"foundation {name}: timm has no such model; close: {', '.join(close) or 'none'}")
    options = _loading(content, where)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="for .* copying from a non-meta parameter")
            found = _timm().create_model(name, dynamic_img_size=True, **options)
    except TypeError as fault:
        raise ModelError(f"foundation {name}: takes no images of any size ({fault}); take a vit_… of timm") from fault
    except RuntimeError as fault:
        what = "timm has no such model" if content is None else f"{where} holds weights of another network"
        raise ModelError(f"foundation {name}: {what} ({in_one_line(fault)})") from fault
    if not hasattr(found, "blocks") or not hasattr(found, "forward_intermediates"):
        raise ModelError(f"foundation {name}: is no plain vision transformer; take a vit_… of timm")
    if content is not None:
        _check_patch(f"foundation {name}: {where}", options["pretrained_cfg_overlay"]["state_dict"], found)
    found.pretrained_cfg.pop("state_dict", None)  # a second copy of the weights
    found.reset_classifier(0)
    return found


def check_statistics(name: str, statistics: str | None) -> None:
    """Check that it is said what images the weights of a file learned from; neither file nor name can tell.

    Raises:
        ModelError: it is not.
    """
    if statistics is None:
        raise ModelError(
            f"foundation {name}: a file does not say how its images were normalised; set model.statistics to imagenet"
            " (DINO, DINOv2, DINOv3) or half (mean and deviation 0.5, as most weights of timm's own)"
        )


def _check_patch(where: str, state: Mapping[str, torch.Tensor], vit: Any) -> None:
    """Check the patch of a file against the model's; timm would resample another one, which is another network."""
    wanted, found = (tuple(each.shape) for each in (vit.patch_embed.proj.weight, state[_PATCH]))
    if found != wanted:
        raise ModelError(
            f"{where} is of a patch of {found[-2]} × {found[-1]} px and {found[1]} colours, the model's is of"
            f" {wanted[-2]} × {wanted[-1]} and {wanted[1]}; set model.foundation to the model that it is of"
        )


def _loading(content: bytes | None, where: str) -> dict[str, Any]:
    """Return timm's options to load a safetensors file.

    The head takes the file's number of classes: where they differ, timm accepts any file as partial weights, and a file
    of another network would silently leave the model random.
    """
    if content is None:
        return {"pretrained": False, "num_classes": 0}
    try:
        with torch.device("cpu"):  # also where a check builds on the meta device
            state = read_tensors(content)
    except (SafetensorError, ValueError, KeyError) as fault:  # a KeyError: a type of numbers that torch lacks
        raise ModelError(
            f"{where}: no safetensors file that can be read ({in_one_line(fault)}); fetch it again"
        ) from fault
    if not state:  # timm would download its own
        raise ModelError(f"{where}: a safetensors file without weights; fetch it again")
    classes = len(state[_HEAD]) if _HEAD in state and state[_HEAD].ndim else 0
    overlay = {"state_dict": state, "num_classes": classes, "source": ""}
    return {"pretrained": True, "num_classes": classes, "pretrained_cfg_overlay": overlay}


def _checked(path: Path) -> Path:
    if path.suffix != ".safetensors":
        raise ModelError(f"foundation weights {path}: must be hub, random or a .safetensors file; convert it first")
    if not path.is_file():
        raise ModelError(f"foundation weights {path}: no such file; give the path of a safetensors file, or hub")
    return path


def _timm() -> Any:
    """Import timm at first use; it takes a second or two."""
    return importlib.import_module("timm")
