"""The model registry: one registered model with a version for each bundle."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST, ErrorCode

from irstd.errors import RegistryError
from irstd.tracking import BUNDLE_TAG, CHAMPION, MODEL, TURNS
from irstd.tracking.store import Store, refusals

_MOST = 5000  # characters of a tag or a description
_ABSENT = tuple(ErrorCode.Name(code) for code in (RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE))


@dataclass(frozen=True)
class Version:
    """A registered version.

    Attributes:
        number: its number.
        tags: its tags; that of `BUNDLE_TAG` is the hash of its bundle.
        run_id: the run that made its bundle.
        source: the address of its files.
        mended: `register` found that it did not load, and wrote its files again.
    """

    number: str
    tags: Mapping[str, str]
    run_id: str
    source: str
    mended: bool = False


def find_version(store: Store, bundle: str) -> Version | None:
    """Return the newest version of the bundle with that hash; None without one.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_model_versions(f"name = '{MODEL}' and tags.`{BUNDLE_TAG}` = '{bundle}'")
        return version_of(max(found, key=lambda each: int(each.version))) if found else None


def get_version(store: Store, number: str) -> Version:
    """Return the version of that number.

    Raises:
        RegistryError: there is none (names those there are), or the registry does not answer.
    """
    return find_named(store, uri_of(number))


def alias_version(store: Store, alias: str) -> Version | None:
    """Return the version of an alias; None without one.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the model registry does not answer"):
        found = store.client.search_registered_models(f"name = '{MODEL}'")
        number = found[0].aliases.get(alias) if found else None
        return None if number is None else version_of(store.client.get_model_version(MODEL, str(number)))


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


def find_named(store: Store, uri: str) -> Version:
    """Return the version of `models:/NAME@ALIAS` or `models:/NAME/VERSION`.

    Raises:
        RegistryError: there is none (names those there are), or the registry does not answer.
    """
    name, _, alias = uri.removeprefix("models:/").partition("@")
    with refusals("the model registry does not answer"):
        try:
            if alias:
                return version_of(store.client.get_model_version_by_alias(name, alias))
            name, _, number = name.partition("/")
            return version_of(store.client.get_model_version(name, number))
        except MlflowException as fault:
            if fault.error_code not in _ABSENT:
                raise
            raise RegistryError(f"{uri}: {_what_there_is(store, name, alias)}") from fault


def uri_of(number: str) -> str:
    """Return the address of a version of our model."""
    return f"models:/{MODEL}/{number}"


def _what_there_is(store: Store, name: str, alias: str) -> str:
    models = {model.name: model for model in store.client.search_registered_models() if model.name != TURNS}
    if not models:
        return "no model is registered yet; `make demo` or `python -m pipelines.promote` makes a champion"
    if name not in models:
        return f"no registered model '{name}'; known: {', '.join(sorted(models))}"
    aliases = sorted(set(models[name].aliases) - {alias})  # one of a version that was deleted is of no use
    if not aliases and alias == CHAMPION:
        return "no version is champion yet; `python -m pipelines.promote` decides on one"
    versions = sorted(int(found.version) for found in store.client.search_model_versions(f"name = '{name}'"))
    return f"unknown; known aliases: {', '.join(aliases) or 'none'}; known versions: {', '.join(map(str, versions))}"


def version_of(found: ModelVersion) -> Version:
    """Return MLflow's version as ours."""
    return Version(str(found.version), dict(found.tags), str(found.run_id), str(found.source))
