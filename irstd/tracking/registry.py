"""The model registry: one registered model with a version for each bundle."""

import base64
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import mlflow
import numpy as np
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from irstd.errors import RegistryError
from irstd.tracking.runs import Run
from irstd.tracking.store import Store, locked, refusals

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

MODEL = "irstd"
CHAMPION = "champion"
BUNDLE_TAG = "irstd.bundle"
_MOST = 5000  # characters of a tag or a description
_SERVED = Path(__file__).parents[1] / "serving" / "served.py"


@dataclass(frozen=True)
class Version:
    """A registered version: its number, its tags, and the run that made its bundle."""

    number: str
    tags: Mapping[str, str]
    run_id: str


def find_version(store: Store, bundle: str) -> Version | None:
    """Return the newest version of the bundle with that hash; None without one.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_model_versions(f"name = '{MODEL}' and tags.`{BUNDLE_TAG}` = '{bundle}'")
        return _version(max(found, key=lambda each: int(each.version))) if found else None


def get_version(store: Store, number: str) -> Version:
    """Return the version of that number.

    Raises:
        RegistryError: there is none (names those there are), or the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        try:
            return _version(store.client.get_model_version(MODEL, number))
        except MlflowException as fault:
            raise RegistryError(f"{_uri(number)}: {_what_there_is(store, MODEL, '')}") from fault


def alias_version(store: Store, alias: str) -> Version | None:
    """Return the version of an alias; None without one.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_registered_models(f"name = '{MODEL}'")
        number = found[0].aliases.get(alias) if found else None
        return None if number is None else _version(store.client.get_model_version(MODEL, str(number)))


def register(store: Store, run: Run, bundle: Path, tags: Mapping[str, str]) -> Version:
    """Return the version of `bundle`, or make it; it gets its number after its artifacts are complete.

    The bundle travels as artifacts of a models-from-code pyfunc: nothing is pickled. A run may register several, so
    each has a folder of its own among the run's artifacts.

    Raises:
        RegistryError: the registry refuses.
    """
    from irstd.models.bundle import bundle_hash  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    digest = bundle_hash(bundle)
    with locked(store), refusals(f"the model registry refused {bundle}"), tempfile.TemporaryDirectory() as scratch:
        found = find_version(store, digest)
        if found is not None:
            return found
        model, place = Path(scratch) / "model", f"model/{digest[:16]}"
        _save_model(bundle, model)
        run.file(model, place)
        if not store.client.search_registered_models(f"name = '{MODEL}'"):
            store.client.create_registered_model(MODEL, description="Infrared small target detectors")
        uri = f"{store.client.get_run(run.id).info.artifact_uri}/{place}"
        made = store.client.create_model_version(MODEL, uri, run_id=run.id, tags={BUNDLE_TAG: digest, **tags})
        return _version(made)


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


def load_version(store: Store, number: str) -> "LoadedDetector":
    """Load the detector of a version.

    Raises:
        RegistryError: there is no such version, or it holds another bundle than was registered.
        ModelError: its bundle is damaged.
    """
    from irstd.models.bundle import load_files  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    return load_files(fetch_version(store, number), _uri(number))


def fetch_version(store: Store, number: str) -> Mapping[str, bytes]:
    """Return the files of a version's bundle by name.

    Raises:
        RegistryError: there is no such version, or it holds another bundle than was registered.
        ModelError: it holds no bundle.
    """
    from irstd.models.bundle import files_hash  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    registered = get_version(store, number).tags.get(BUNDLE_TAG, "none")
    files = fetch_files(store, _uri(number))
    found = files_hash(files)
    if found != registered:
        raise RegistryError(
            f"{_uri(number)}: holds bundle {found[:12]}, but {registered[:12]} was registered; delete the version in "
            "MLflow and register it again"
        )
    return files


def fetch_files(store: Store, uri: str) -> Mapping[str, bytes]:
    """Return the files of the bundle of `models:/NAME@ALIAS` or `models:/NAME/VERSION` by name.

    Raises:
        RegistryError: there is no such model, alias or version (names those there are), or it cannot be fetched.
        ModelError: it holds no bundle.
    """
    from irstd.models.bundle import read_bundle  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    source = _find(store, uri).source
    with tempfile.TemporaryDirectory() as scratch, refusals(f"{uri} cannot be fetched"):
        local = mlflow.artifacts.download_artifacts(
            artifact_uri=f"{source}/artifacts/bundle", dst_path=scratch, tracking_uri=store.client.tracking_uri
        )
        return read_bundle(Path(local))


def tag_version(store: Store, version: Version, tags: Mapping[str, str], description: str | None = None) -> None:
    """Set tags and, if given, the description; both are cut to the length that the registry allows.

    Raises:
        RegistryError: the registry refuses.
    """
    with refusals(f"version {version.number} cannot be tagged"):
        for name, value in tags.items():
            store.client.set_model_version_tag(MODEL, version.number, name, value[:_MOST])
        if description is not None:
            store.client.update_model_version(MODEL, version.number, description[:_MOST])


def _find(store: Store, uri: str) -> ModelVersion:
    name, _, alias = uri.removeprefix("models:/").partition("@")
    try:
        if alias:
            return store.client.get_model_version_by_alias(name, alias)
        name, _, number = name.partition("/")
        return store.client.get_model_version(name, number)
    except MlflowException as fault:
        with refusals("the model registry does not answer"):
            raise RegistryError(f"{uri}: {_what_there_is(store, name, alias)}") from fault


def _uri(number: str) -> str:
    return f"models:/{MODEL}/{number}"


def _what_there_is(store: Store, name: str, alias: str) -> str:
    models = {model.name: model for model in store.client.search_registered_models()}
    if not models:
        return "no model is registered yet; `make demo` or `python -m pipelines.promote` makes a champion"
    if name not in models:
        return f"no registered model '{name}'; known: {', '.join(sorted(models))}"
    aliases = sorted(models[name].aliases)
    if not aliases and alias == CHAMPION:
        return "no version is champion yet; `python -m pipelines.promote` decides on one"
    versions = sorted(int(found.version) for found in store.client.search_model_versions(f"name = '{name}'"))
    return f"unknown; known aliases: {', '.join(aliases) or 'none'}; known versions: {', '.join(map(str, versions))}"


def _version(found: ModelVersion) -> Version:
    return Version(str(found.version), dict(found.tags), str(found.run_id))
