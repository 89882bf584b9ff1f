"""Bundles out of the registry: fetched, and checked to be what was registered."""

import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import mlflow
import yaml
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.models_artifact_repo import REGISTERED_MODEL_META_FILE_NAME

from irstd.errors import ModelError, RegistryError, shortened
from irstd.files.disk_faults import storage_line
from irstd.files.reading import read_text
from irstd.models.folder import files_hash, missing_files, read_bundle
from irstd.tracking import BUNDLE_TAG
from irstd.tracking.registry import Version, find_named, uri_of, version_of
from irstd.tracking.store import Store, refusals

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

_LOG = logging.getLogger(__name__)
_MEND = "`python -m pipelines.promote` writes it anew from outputs, or `irstd models rollback`"


def load_version(store: Store, number: str) -> "LoadedDetector":
    """Load the detector of a version.

    Raises:
        RegistryError: there is no such version, or it holds another bundle than was registered.
        ModelError: its bundle is damaged.
    """
    from irstd.models.bundle import load_files  # noqa: PLC0415 - torch takes seconds; aliases do not need it

    return load_files(fetch_version(store, number), uri_of(number))


def fetch_version(store: Store, number: str) -> Mapping[str, bytes]:
    """Return the files of a version's bundle by name, as `fetch_files` does."""
    return fetch_files(store, uri_of(number))


def fetch_files(store: Store, uri: str) -> Mapping[str, bytes]:
    """Return the files of the bundle of `models:/NAME@ALIAS` or `models:/NAME/VERSION` by name.

    Raises:
        RegistryError: there is no such model, alias or version (names those there are), a file is missing, or the
            version holds another bundle than was registered.
    """
    found = find_named(store, uri)
    where = f"{found.source}/artifacts/bundle"
    with tempfile.TemporaryDirectory() as scratch:
        try:
            local = mlflow.artifacts.download_artifacts(
                artifact_uri=where, dst_path=scratch, tracking_uri=store.client.tracking_uri
            )
            files = read_bundle(Path(local))
        except (MlflowException, OSError, ModelError) as fault:
            line = storage_line(fault, scratch)
            absent = isinstance(fault, ModelError) or "No such" in str(fault)  # file or artifact
            reason = "is missing" if absent else f"cannot be fetched ({shortened(fault)})"
            raise RegistryError(line or f"{uri}: {where}/bundle.json {reason}; {_MEND}") from fault
    check_registered(found, files, uri)
    return files


def check_served(model: Path, bundle: Path) -> None:
    """Check that `bundle` is what was registered as the version whose files MLflow put into the folder `model`.

    Nothing is checked where MLflow did not name the version, or MLFLOW_TRACKING_URI names no registry.

    Raises:
        RegistryError: it is another bundle, or the registry does not answer.
    """
    meta = model / REGISTERED_MODEL_META_FILE_NAME
    if not meta.is_file() or not os.environ.get("MLFLOW_TRACKING_URI"):
        return
    named = yaml.safe_load(read_text(meta))
    uri = f"models:/{named['model_name']}/{named['model_version']}"
    with refusals(f"{uri}: the model registry does not answer"):
        found = MlflowClient().get_model_version(named["model_name"], str(named["model_version"]))
    check_registered(version_of(found), read_bundle(bundle), uri)


def check_registered(version: Version, files: Mapping[str, bytes], where: str) -> None:
    """Raise unless `files` are the bundle that was registered as `version`; `where` begins the message.

    A version that somebody registered by hand has no hash: it passes, with a line in the log.

    Raises:
        RegistryError: they are another bundle, or weights are missing.
    """
    registered, found = version.tags.get(BUNDLE_TAG), files_hash(files)
    if registered is None:
        _LOG.warning("%s: has no tag %s, so its bundle is used unchecked", where, BUNDLE_TAG)
    elif found != registered:
        missing = ", ".join(missing_files(files))
        what = (
            f"{missing} is missing" if missing else f"holds bundle {found[:12]}, but {registered[:12]} was registered"
        )
        raise RegistryError(f"{where}: {what}; {_MEND}")
