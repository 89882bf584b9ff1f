"""Infrared small target detection, from labelled frames to a promoted model.

`__all__` is the public interface; all else may change. A name is imported when it is first asked for.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irstd.comparison.compare import Comparison, compare
    from irstd.datasets.canonical import CanonicalDataset
    from irstd.datasets.sample import Sample
    from irstd.errors import IrstdError
    from irstd.evaluation.scoring import score_frames
    from irstd.export import load_onnx
    from irstd.frames import read_image, read_mask
    from irstd.labels.detections import Detections
    from irstd.metrics import HSE, Score
    from irstd.models.bundle import LoadedDetector
    from irstd.models.predict import Prediction

    __version__: str

__all__ = [
    "HSE",
    "CanonicalDataset",
    "Comparison",
    "Detections",
    "IrstdError",
    "LoadedDetector",
    "Prediction",
    "Sample",
    "Score",
    "__version__",
    "compare",
    "load",
    "load_onnx",
    "read_image",
    "read_mask",
    "score_frames",
]

_MODULES = {
    "HSE": "irstd.metrics",
    "CanonicalDataset": "irstd.datasets.canonical",
    "Comparison": "irstd.comparison.compare",
    "Detections": "irstd.labels.detections",
    "IrstdError": "irstd.errors",
    "LoadedDetector": "irstd.models.bundle",
    "Prediction": "irstd.models.predict",
    "Sample": "irstd.datasets.sample",
    "Score": "irstd.metrics",
    "compare": "irstd.comparison.compare",
    "load_onnx": "irstd.export",
    "read_image": "irstd.frames",
    "read_mask": "irstd.frames",
    "score_frames": "irstd.evaluation.scoring",
}


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
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    if name != "__version__":
        raise AttributeError(f"module 'irstd' has no attribute '{name}'")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - nothing happens at import

    try:
        return version("irstd")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
