"""`irstd detect`: a registered model or a bundle on a user's frames."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from irstd.cli.faults import FAULT, say_error
from irstd.cli.progress import bar, say
from irstd.errors import ModelError, RegistryError, SettingsError
from irstd.inference import Detected, detect_frames, find_frames
from irstd.project.environment import find_root, prepare_environment

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

_REGISTERED = "models:/"


def detect_in(paths: list[str], model: str, out: Path, threshold: float | None, *, overlays: bool) -> None:
    """Detect targets in the frames of `paths`; exit code 1 after a line for each frame that failed.

    Args:
        paths: files, folders and patterns.
        model: of the registry, or a bundle's folder.
        out: folder of the table and the pictures.
        threshold: report all scores that reach it; None: by the model's operating rules.
        overlays: draw the pictures.

    Raises:
        DataError: there are no frames, or `out` cannot be written to.
        ModelError: the bundle cannot be used.
        RegistryError: the registry or the model in it is not there.
    """
    frames = find_frames(paths, out)
    loaded = load_model(model)
    if threshold is not None:
        loaded = _reaching(loaded, threshold)
    _use_one_thread_a_frame()
    with bar(f"searching {len(frames)} frames") as progress:
        done = detect_frames(loaded, frames, out, progress, overlays=overlays)
    for failure in done.failures:
        say_error(failure)
    which = "operating threshold" if threshold is None else "threshold"
    _sum_up(done, f"model {model}, {loaded.bundle.detector}, {which} {loaded.bundle.operating.threshold:g}")
    if done.failures:
        raise typer.Exit(FAULT)


def load_model(model: str) -> "LoadedDetector":
    """Load the detector of `models:/NAME@ALIAS`, `models:/NAME/VERSION` or of a bundle's folder.

    Raises:
        ModelError: there is no bundle in that folder, or it cannot be used.
        RegistryError: the registry or the model in it is not there.
    """
    from irstd.models.bundle import load_detector, load_files  # noqa: PLC0415 - torch takes seconds

    if model.startswith(_REGISTERED):
        return load_files(_fetch(model), model)
    if not Path(model).is_dir():
        raise ModelError(f"{model}: no such bundle; give a bundle's folder, models:/NAME@ALIAS or models:/NAME/VERSION")
    return load_detector(Path(model))


def _reaching(loaded: "LoadedDetector", threshold: float) -> "LoadedDetector":
    """Return the detector with other rules: it reports all scores that reach `threshold`."""
    from irstd.models.base import INTEGRAL_RULES  # noqa: PLC0415 - torch is there by now

    rules = replace(INTEGRAL_RULES, threshold=threshold)
    return replace(loaded, bundle=replace(loaded.bundle, operating=rules))


def _use_one_thread_a_frame() -> None:
    """Have torch and OpenCV search each frame in the thread it is given to (`irstd.inference.workers`)."""
    import cv2  # noqa: PLC0415 - loaded with the model by now
    import torch  # noqa: PLC0415 - loaded with the model by now

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _fetch(model: str) -> Mapping[str, bytes]:
    root = _root(model)
    if not os.environ.get("MLFLOW_TRACKING_URI") and not (root / "var" / "mlflow.db").exists():
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
