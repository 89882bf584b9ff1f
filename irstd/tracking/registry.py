"""The model registry: one registered model, a version a bundle, aliases instead of stages."""

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
from irstd.files.disk_faults import storage_line
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
    """A registered version: its number, its tags, the run it came from."""

    number: str
    tags: Mapping[str, str]
    run_id: str


def find_version(store: Store, bundle: str) -> Version | None:
    """The version that holds the bundle with that hash; the newest where there are several.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_model_versions(f"name = '{MODEL}' and tags.`{BUNDLE_TAG}` = '{bundle}'")
        return _version(max(found, key=lambda each: int(each.version))) if found else None


def get_version(store: Store, number: str) -> Version:
    """The version of that number.

    Raises:
        RegistryError: there is none; says which there are. Or the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        try:
            return _version(store.client.get_model_version(MODEL, number))
        except MlflowException as fault:
            raise RegistryError(f"models:/{MODEL}/{number}: {_what_there_is(store, MODEL, '')}") from fault


def alias_version(store: Store, alias: str, name: str = MODEL) -> Version | None:
    """The version an alias points to; None where it points to nothing.

    Raises:
        RegistryError: the registry does not answer, which is not the same as nothing.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_registered_models(f"name = '{name}'")
        number = found[0].aliases.get(alias) if found else None
        return None if number is None else _version(store.client.get_model_version(name, str(number)))


def register(store: Store, run: Run, bundle: Path, tags: Mapping[str, str]) -> Version:
    """The version of `bundle`: the one there is, or a new one, whose number comes last: a version is a whole one.

    The bundle travels as artifacts of a models-from-code pyfunc: nothing is pickled. Each lies in a folder of its own
    within the run, for a run may make several.

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
    shutil.copytree(bundle, named)  # MLflow keeps an artifact under its folder's own name
    with warnings.catch_warnings(record=True):  # that hints are wide: a frame has forms that only payload.py can tell
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(_SERVED),
            artifacts={"bundle": str(named)},
            input_example=[_example()],
            pip_requirements=["irstd"],
        )


def _example() -> str:
    """A frame as a request holds it: base64 of a PNG, 64 × 64 px with one bright target."""
    frame = np.full((64, 64), 40, np.uint8)
    frame[30:33, 40:43] = 200
    return base64.b64encode(cv2.imencode(".png", frame)[1].tobytes()).decode()


def load_version(store: Store, number: str) -> "LoadedDetector":
    """The detector of a version, as it comes back from the registry.

    Raises:
        RegistryError: there is no such version, or it holds another bundle than was registered.
        ModelError: its bundle is damaged.
    """
    from irstd.models.bundle import load_detector  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    with tempfile.TemporaryDirectory() as scratch:
        return load_detector(fetch_version(store, number, Path(scratch)))


def fetch_version(store: Store, number: str, folder: Path) -> Path:
    """The bundle folder of a version, copied below `folder`, after a look that it is the bundle that was registered.

    Raises:
        RegistryError: it is not, or there is no such version.
        ModelError: its bundle cannot be read.
    """
    from irstd.models.bundle import bundle_hash  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    registered, uri = get_version(store, number).tags.get(BUNDLE_TAG, "none"), f"models:/{MODEL}/{number}"
    bundle = fetch_bundle(store, uri, folder)
    found = bundle_hash(bundle)
    if found != registered:
        raise RegistryError(
            f"{uri}: holds bundle {found[:12]}, but {registered[:12]} was registered; delete the version in MLflow and "
            "register it again"
        )
    return bundle


def tag_version(store: Store, version: Version, tags: Mapping[str, str], description: str | None = None) -> None:
    """Set tags, and the description where one is given; both are cut to what the registry holds.

    Raises:
        RegistryError: the registry refuses.
    """
    with refusals(f"version {version.number} cannot be tagged"):
        for name, value in tags.items():
            store.client.set_model_version_tag(MODEL, version.number, name, value[:_MOST])
        if description is not None:
            store.client.update_model_version(MODEL, version.number, description[:_MOST])


def point_alias(store: Store, alias: str, version: Version) -> None:
    """Let an alias point to a version; champions are made by `crown`, which does more."""
    store.client.set_registered_model_alias(MODEL, alias, version.number)


def fetch_bundle(store: Store, uri: str, folder: Path) -> Path:
    """The bundle folder of `models:/NAME@ALIAS` or `models:/NAME/VERSION`, copied below `folder`.

    Raises:
        RegistryError: no such model, alias or version; says which there are.
    """
    name, _, alias = uri.removeprefix("models:/").partition("@")
    number = ""
    if not alias:
        name, _, number = name.partition("/")
    try:
        if alias:
            found = store.client.get_model_version_by_alias(name, alias)
        else:
            found = store.client.get_model_version(name, number)
        local = mlflow.artifacts.download_artifacts(
            artifact_uri=found.source, dst_path=str(folder), tracking_uri=store.client.tracking_uri
        )
    except (MlflowException, OSError) as fault:
        line = storage_line(fault, str(folder))
        with refusals("the model registry does not answer"):
            raise RegistryError(f"{uri}: {line or _what_there_is(store, name, alias)}") from fault
    return Path(local) / "artifacts" / "bundle"


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
