"""The authors' released SPIRE weights under our names. Ni et al., arXiv 2604.05363."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from irstd.errors import DataError, ModelError
from irstd.files import read_bytes
from irstd.models.bundle import Bundle
from irstd.models.spire.detector import OFFICIAL_RULES, Spire, SpireSettings
from irstd.models.weights import check_weights, kinds_of

_SHUFFLE_UNIT = {
    "enter.conv": "branch2.0",
    "enter.norm": "branch2.1",
    "depthwise": "branch2.3",
    "norm": "branch2.4",
    "leave.conv": "branch2.5",
    "leave.norm": "branch2.6",
}
_OCCW = {
    "depthwise": "depthwise_convs",
    "norm": "bn",
    "gate.squeeze": "spatial_weighting.0.fc.0",
    "gate.excite": "spatial_weighting.0.fc.2",
    "local": "local_attention",
}
_PLAIN = {
    "stem.0.conv": "conv1",
    "stem.0.norm": "bn1",
    "stem.1.conv": "conv2",
    "stem.1.norm": "bn2",
    "widen.reduce.conv": "layer1.0.conv1",
    "widen.reduce.norm": "layer1.0.bn1",
    "widen.spatial.conv": "layer1.0.conv2",
    "widen.spatial.norm": "layer1.0.bn2",
    "widen.expand.conv": "layer1.0.conv3",
    "widen.expand.norm": "layer1.0.bn3",
    "widen.shortcut.conv": "layer1.0.downsample.0",
    "widen.shortcut.norm": "layer1.0.downsample.1",
    "narrow.conv": "transition1.0.0",
    "narrow.norm": "transition1.0.1",
    "head": "final_layer",
}


_SETTINGS = SpireSettings(color="rgb", size=512)
_TO_SAFETENSORS = (
    'python -c "import torch, safetensors.torch as s; '
    "d = torch.load('FILE.pth', map_location='cpu', weights_only=True); "
    "s.save_file({k: v.contiguous() for k, v in d.get('state_dict', d).items()}, 'FILE.safetensors')\""
)


def official_bundle() -> Bundle:
    """Return the bundle record of the authors' weights."""
    return Bundle(
        detector="spire",
        settings=asdict(_SETTINGS),
        operating=OFFICIAL_RULES,
        data={"dataset": "the authors' SIRST4", "response": "prps", "size": _SETTINGS.size},
        warnings=("weights of the authors; their training split is unknown and may hold the frames scored here",),
    )


def load_official(path: Path) -> Spire:
    """The authors' SPIRE in `path`, a safetensors file under their key names: RGB, 512 × 512 px, in eval mode.

    Raises:
        ModelError: the file is missing or damaged, is a pickle, or its keys or shapes are not theirs.
    """
    if path.suffix in (".pth", ".pt", ".pkl", ".tar") and path.is_file():
        raise ModelError(
            f"{path}: a pickle, which can run any code when it is read, so it is not; where you trust it, make a "
            f"safetensors file of it: {_TO_SAFETENSORS.replace('FILE', path.stem)}"
        )
    try:
        stored = load(read_bytes(path))
    except (
        DataError,
        SafetensorError,
        KeyError,
        ValueError,
    ) as fault:  # a KeyError: numbers of a type that torch lacks
        raise ModelError(f"{path}: no safetensors file that can be read ({fault}); fetch the weights again") from fault
    detector = Spire(_SETTINGS)
    state = renamed(stored)
    check_weights(kinds_of(detector.state_dict()), kinds_of(state), str(path))
    detector.load_state_dict(state)
    return detector.eval()


def renamed(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename `stored` to our names; unknown keys keep theirs, so that a strict check reports them."""
    table = {theirs: f"network.{ours}" for ours, theirs in _modules().items()}
    state = {}
    for key, tensor in stored.items():
        module, _, kind = key.rpartition(".")
        state[f"{table[module]}.{kind}" if module in table else key] = tensor
    return state


def _modules() -> dict[str, str]:
    """Map our module names to theirs."""
    table = dict(_PLAIN)
    for index in range(3):
        table |= _prefixed(_SHUFFLE_UNIT, f"units.{index}", f"layer1.{index + 1}")
    for index, theirs in enumerate(("stage2.branches.0", "stage4.0.branches.0")):
        table |= _prefixed(_OCCW, f"blocks.{index}.occw", f"{theirs}.0")
        table |= _prefixed(_OCCW, f"blocks.{index}.la_occw", f"{theirs}.1")
        table |= _prefixed(_SHUFFLE_UNIT, f"blocks.{index}.unit", f"{theirs}.2")
    return table


def _prefixed(table: Mapping[str, str], ours: str, theirs: str) -> dict[str, str]:
    return {f"{ours}.{key}": f"{theirs}.{value}" for key, value in table.items()}
