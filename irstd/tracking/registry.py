"""The model registry: one registered model, a version a bundle, aliases instead of stages."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from irstd.errors import RegistryError
from irstd.tracking.runs import Run
from irstd.tracking.store import Store

MODEL = "irstd"
CHAMPION = "champion"
BUNDLE_TAG = "irstd.bundle"
_SERVED = Path(__file__).with_name("served.py")


@dataclass(frozen=True)
class Version:
    """A registered version: its number, its tags, the run it came from."""

    number: str
    tags: Mapping[str, str]
    run_id: str


def find_version(store: Store, bundle: str) -> Version | None:
    """The version that holds the bundle with that hash."""
    try:
        found = store.client.search_model_versions(f"name = '{MODEL}' and tags.`{BUNDLE_TAG}` = '{bundle}'")
    except MlflowException:
        return None
    return _version(found[0]) if found else None


def alias_version(store: Store, alias: str, name: str = MODEL) -> Version | None:
    """The version an alias points to; None where it points to nothing."""
    try:
        return _version(store.client.get_model_version_by_alias(name, alias))
    except MlflowException:
        return None


def register(store: Store, run: Run, bundle: Path, tags: Mapping[str, str]) -> Version:
    """A new version of `bundle`, which travels as artifacts of a models-from-code pyfunc: nothing is pickled.

    Raises:
        RegistryError: the registry refuses.
    """
    try:
        with tempfile.TemporaryDirectory() as scratch:
            model, named = Path(scratch) / "model", Path(scratch) / "bundle"
            shutil.copytree(bundle, named)  # MLflow keeps an artifact under its folder's own name
            mlflow.pyfunc.save_model(
                path=str(model),
                python_model=str(_SERVED),
                artifacts={"bundle": str(named)},
                pip_requirements=["irstd"],
            )
            run.file(model, "model")
        if not store.client.search_registered_models(f"name = '{MODEL}'"):
            store.client.create_registered_model(MODEL, description="Infrared small target detectors")
        uri = f"{store.client.get_run(run.id).info.artifact_uri}/model"
        made = store.client.create_model_version(MODEL, uri, run_id=run.id, tags=dict(tags))
    except MlflowException as fault:
        raise RegistryError(f"the model registry refused {bundle}: {str(fault).splitlines()[0]}") from fault
    return _version(made)


def tag_version(store: Store, version: Version, tags: Mapping[str, str], description: str | None = None) -> None:
    """Set tags, and the description where one is given."""
    for name, value in tags.items():
        store.client.set_model_version_tag(MODEL, version.number, name, value)
    if description is not None:
        store.client.update_model_version(MODEL, version.number, description)


def point_alias(store: Store, alias: str, version: Version) -> None:
    """Let an alias point to a version."""
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
        raise RegistryError(f"{uri}: {_what_there_is(store, name, alias)}") from fault
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
