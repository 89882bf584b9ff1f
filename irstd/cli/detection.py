"""`irstd detect`: a registered model or a bundle on a user's frames."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from irstd.cli.faults import FAULT, say_error
from irstd.cli.operating_point import OperatingWish, operated
from irstd.cli.progress import bar, say
from irstd.errors import ModelError, RegistryError, SettingsError
from irstd.export import SUFFIX, OnnxDetector, load_onnx
from irstd.frames import Frame
from irstd.inference import Detected, detect_frames, find_frames
from irstd.inference.shrinking import shrink_line
from irstd.labels.detections import Detections
from irstd.models.folder import read_bundle
from irstd.models.pretrained import PRETRAINED, find_bundle, has_pretrained
from irstd.project.environment import find_root, prepare_environment
from irstd.tracking import CHAMPION

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

_REGISTERED = "models:/"
CHAMPION_URI = "models:/irstd@champion"
"""What is called for where no model is named."""


def detect_in(paths: list[str], model: str | None, out: Path, wish: OperatingWish, *, overlays: bool) -> None:
    """Detect targets in the frames of `paths`; exit code 1 after a line for each frame that failed.

    Args:
        paths: files, folders and patterns.
        model: of the registry, `pretrained`, a bundle's folder or an ONNX file; None: the champion, without one
            `pretrained`.
        out: folder of the table and the pictures.
        wish: the operating point; without one by the model's operating rules.
        overlays: draw the pictures.

    Raises:
        DataError: there are no frames, or `out` cannot be written to.
        ModelError: the bundle cannot be used, or not be operated so.
        RegistryError: the registry or the model in it is not there.
    """
    frames = find_frames(paths, out)
    model = model or default_model()
    loaded, how = _operated(model, wish)
    _use_one_thread_a_frame()
    sizes = list[tuple[int, int]]()

    def find(frame: Frame) -> Detections:
        sizes.append((frame.shape[0], frame.shape[1]))
        return loaded(frame)

    with bar(f"searching {len(frames)} frames") as progress:
        done = detect_frames(find, frames, out, progress, overlays=overlays)
    for failure in done.failures:
        say_error(failure)
    _sum_up(done, f"model {model}, {loaded.bundle.detector}, {how}")
    shrunk = shrink_line(sizes, loaded.detector.input.size)
    if shrunk is not None:
        say(f"note: {shrunk}")
    if done.failures:
        raise typer.Exit(FAULT)


def _operated(model: str, wish: OperatingWish) -> tuple["LoadedDetector | OnnxDetector", str]:
    """Load an ONNX file, without torch, or what `load_model` loads; return it as `operated` does."""
    if model.lower().endswith(SUFFIX) and not Path(model).is_dir():
        return operated(load_onnx(Path(model)), wish, model)
    return operated(load_model(model), wish, model)


def load_model(model: str) -> "LoadedDetector":
    """Load the detector of `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `pretrained` or of a bundle's folder.

    Raises:
        ModelError: there is no bundle in that folder, it cannot be used, or none is shipped.
        RegistryError: the registry or the model in it is not there.
    """
    from irstd.models.bundle import load_files  # noqa: PLC0415 - torch takes seconds

    return load_files(model_files(model), model)


def model_files(model: str) -> Mapping[str, bytes]:
    """Return the files of the bundle of such a model by name.

    Raises:
        ModelError: there is no bundle in that folder, or none is shipped.
        RegistryError: the registry or the model in it is not there.
    """
    if model.startswith(_REGISTERED):
        return _fetch(model)
    folder = find_bundle(model)
    if not folder.is_dir():
        raise ModelError(f"{model}: no such bundle; give a bundle's folder, models:/NAME@ALIAS or models:/NAME/VERSION")
    return read_bundle(folder)


def default_model() -> str:
    """Return the champion's address if there is a champion or nothing is shipped, else `pretrained`.

    Raises:
        RegistryError: the registry does not answer.
    """
    return PRETRAINED if has_pretrained() and not _has_champion() else CHAMPION_URI


def champion_number() -> str | None:
    """Return the number of the project's champion; None without a project, a registry or a champion.

    Raises:
        RegistryError: the registry does not answer.
        ModuleNotFoundError: there is a registry, and MLflow is not installed.
    """
    try:
        root = _root(CHAMPION_URI)
    except RegistryError:
        return None
    if not _has_registry(root):
        return None
    prepare_environment(root)
    from irstd.tracking.registry import alias_version  # noqa: PLC0415
    from irstd.tracking.store import open_store  # noqa: PLC0415 - reads the environment when imported

    found = alias_version(open_store(root), CHAMPION)
    return None if found is None else found.number


def _has_champion() -> bool:
    try:
        return champion_number() is not None
    except ModuleNotFoundError:
        return True  # perhaps; fetching it says what to install


def _has_registry(root: Path) -> bool:
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or (root / "var" / "mlflow.db").exists()


def _use_one_thread_a_frame() -> None:
    """Have torch and OpenCV search each frame in the thread it is given to (`irstd.inference.workers`)."""
    import cv2  # noqa: PLC0415 - loaded with the model by now

    cv2.setNumThreads(1)
    if sys.modules.get("torch") is not None:  # an ONNX file needs none
        sys.modules["torch"].set_num_threads(1)


def _fetch(model: str) -> Mapping[str, bytes]:
    root = _root(model)
    if not _has_registry(root):
        raise RegistryError(  # at once; to make the store would take a while, and it would be an empty one
            f"{model}: no model is registered yet; `make demo` or `python -m pipelines.promote` makes a champion, or "
            "give a bundle's folder with --model"
        )
    prepare_environment(root)
    try:
        from irstd.tracking.fetching import fetch_files  # noqa: PLC0415 - reads the environment when imported
        from irstd.tracking.store import open_store  # noqa: PLC0415 - reads the environment when imported
    except ModuleNotFoundError as fault:
        raise RegistryError(
            f"{model}: needs {fault.name}, which is not installed; pip install 'irstd[pipeline]', or give a bundle's "
            "folder with --model"
        ) from fault
    return fetch_files(open_store(root), model)


def _root(model: str) -> Path:
    """Return the project that holds the registry; with MLFLOW_TRACKING_URI any folder will do."""
    try:
        return find_root()
    except SettingsError as fault:
        if os.environ.get("MLFLOW_TRACKING_URI"):
            return Path.cwd()
        raise RegistryError(f"{model}: {fault}; go there, or give a bundle's folder with --model") from fault


def _sum_up(done: Detected, how: str) -> None:
    frames = f"{done.frames} frame{'' if done.frames == 1 else 's'}"
    detections = f"{done.detections} detection{'' if done.detections == 1 else 's'}"
    pictures = "" if done.overlays is None else f", pictures in {done.overlays}"
    say(f"{frames}, {detections}: {done.table}{pictures} ({how})")
