"""A bundle becomes a version of the registered model."""

import base64
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import mlflow
import numpy as np
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from irstd.errors import IrstdError
from irstd.models.folder import bundle_hash
from irstd.tracking import BUNDLE_TAG, MODEL
from irstd.tracking.fetching import fetch_version
from irstd.tracking.registry import Version, find_version, version_of
from irstd.tracking.runs import Run
from irstd.tracking.store import Store, locked, refusals

_SERVED = Path(__file__).parents[1] / "serving" / "served.py"


def register(store: Store, run: Run, bundle: Path, tags: Mapping[str, str]) -> Version:
    """Return the version of `bundle`, or make it; it gets its number after its artifacts are complete.

    The files of a version that does not load are written again. The bundle travels as artifacts of a models-from-code
    pyfunc: nothing is pickled. A run may register several, so each has a folder of its own among the run's artifacts.

    Raises:
        RegistryError: the registry refuses.
    """
    digest = bundle_hash(bundle)
    with locked(store), refusals(f"the model registry refused {bundle}"), tempfile.TemporaryDirectory() as scratch:
        found = find_version(store, digest)
        if found is not None and _loads(store, found):
            return found
        model, place = Path(scratch) / "model", f"model/{digest[:16]}"
        _save_model(bundle, model)
        if found is not None:
            files: Any = get_artifact_repository(found.source, store.client.tracking_uri)
            files.log_artifacts(str(model))
            return replace(found, mended=True)
        run.file(model, place)
        if not store.client.search_registered_models(f"name = '{MODEL}'"):
            store.client.create_registered_model(MODEL, description="Infrared small target detectors")
        uri = f"{store.client.get_run(run.id).info.artifact_uri}/{place}"
        made = store.client.create_model_version(MODEL, uri, run_id=run.id, tags={**tags, BUNDLE_TAG: digest})
        return version_of(made)


def _loads(store: Store, version: Version) -> bool:
    try:
        fetch_version(store, version.number)
    except IrstdError:
        return False
    return True


def _save_model(bundle: Path, folder: Path) -> None:
    named = folder.with_name("bundle")
    shutil.copytree(bundle, named)  # MLflow names an artifact by its folder
    with warnings.catch_warnings(record=True):  # about wide type hints; payload.py checks frames
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(_SERVED),
            artifacts={"bundle": str(named)},
            input_example=[_example()],
            pip_requirements=["irstd"],
        )


def _example() -> str:
    """Return a frame as requests hold it: base64 of a PNG, 64 × 64 px with one bright target."""
    frame = np.full((64, 64), 40, np.uint8)
    frame[30:33, 40:43] = 200
    return base64.b64encode(cv2.imencode(".png", frame)[1].tobytes()).decode()
