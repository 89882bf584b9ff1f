"""Which model a command takes, and its files: the registry's, a folder's or the shipped one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from irstd.errors import ModelError, RegistryError, SettingsError
from irstd.models.folder import read_bundle
from irstd.models.pretrained import PRETRAINED, find_bundle, has_pretrained
from irstd.project.environment import find_root, prepare_environment
from irstd.tracking import CHAMPION

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

_REGISTERED = "models:/"
CHAMPION_URI = "models:/irstd@champion"
"""What is called for where no model is named."""


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

    found = alias_version(open_store(root or Path.cwd()), CHAMPION)
    return None if found is None else found.number


def _has_champion() -> bool:
    try:
        return champion_number() is not None
    except ModuleNotFoundError:
        return True  # perhaps; fetching it says what to install


def _has_registry(root: Path | None) -> bool:
    return root is None or bool(os.environ.get("MLFLOW_TRACKING_URI")) or (root / "var" / "mlflow.db").exists()


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
    return fetch_files(open_store(root or Path.cwd()), model)


def _root(model: str) -> Path | None:
    """Return the project that holds the registry; None outside one, where MLFLOW_TRACKING_URI names the registry.

    Outside a project nothing is kept: below / a folder `var` would be the machine's own.
    """
    try:
        return find_root()
    except SettingsError as fault:
        if os.environ.get("MLFLOW_TRACKING_URI"):
            return None
        raise RegistryError(f"{model}: {fault}; go there, or give a bundle's folder with --model") from fault
