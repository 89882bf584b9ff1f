"""Infrared small target detection, from labelled frames to a promoted model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

    __version__: str

__all__ = ["__version__", "load"]


def load(bundle: str | Path) -> "LoadedDetector":
    """Load the detector of a model bundle; call it with a frame (H, W) or (H, W, 3), 8 or 16 bit, for detections.

    Raises:
        ModelError: there is no bundle in that folder, or it cannot be used.
    """
    from irstd.models.bundle import load_detector  # noqa: PLC0415 - torch takes seconds, `import irstd` should not

    return load_detector(Path(bundle))


def __getattr__(name: str) -> Any:
    if name != "__version__":
        raise AttributeError(f"module 'irstd' has no attribute '{name}'")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - nothing happens at import

    try:
        return version("irstd")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"
