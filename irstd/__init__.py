"""Infrared small target detection, from labelled frames to a promoted model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

    __version__: str

__all__ = ["__version__", "load"]


def load(bundle: str | Path) -> "LoadedDetector":
    """Load a detector; call it with a frame (H, W) or (H, W, 3), 8 or 16 bit, for detections.

    Args:
        bundle: the folder of a model bundle, or "pretrained" for the one that is shipped with irstd.

    Raises:
        ModelError: there is no bundle in that folder, or it cannot be used.
    """
    from irstd.models.bundle import load_detector  # noqa: PLC0415 - torch takes seconds, `import irstd` should not
    from irstd.models.pretrained import find_bundle  # noqa: PLC0415

    return load_detector(find_bundle(bundle))


def __getattr__(name: str) -> Any:
    if name != "__version__":
        raise AttributeError(f"module 'irstd' has no attribute '{name}'")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - nothing happens at import

    try:
        return version("irstd")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"
