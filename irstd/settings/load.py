"""The only reader of params.yaml: every fault of a file is reported at once, each with its dotted place."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from irstd.errors import SettingsError
from irstd.settings.checked import unknown_name
from irstd.settings.faults import SectionError, shown
from irstd.settings.labels import Labels
from irstd.settings.project import Profile, Settings
from irstd.settings.search import Tune
from irstd.settings.train import Train
from irstd.settings.yaml_file import read_yaml

PARAMS = Path("params.yaml")
PROFILES = "profiles"
_OVERRIDES: dict[str, type[Labels | Tune | Train]] = {"labels": Labels, "tune": Tune, "train": Train}

KindT = TypeVar("KindT", Settings, Profile)


def load_settings(path: Path = PARAMS, profile: Path | None = None) -> Settings:
    """Return the settings in `path` over those of the profile it names, which lies in `profiles` beside it.

    A null over a setting of the profile that cannot be null leaves the profile's.

    Args:
        path: params.yaml.
        profile: another profile's file to take instead of the one that it names.

    Raises:
        SettingsError: a file is missing, is no YAML, or holds faults.
    """
    return _validated(path, _merged(*read_written(path, profile)), Settings)


def read_written(path: Path, profile: Path | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `path` and the profile say themselves, as `load_settings` takes them.

    Raises:
        SettingsError: a file is missing or is no YAML, or the profile holds faults.
    """
    content = read_yaml(path, _names(Settings), "run inside the project's folder")
    if "detectors" in content:
        raise SettingsError(f"{path}: detectors: belongs in a profile; here it is variants.NAME.train")
    content |= {name: _given(content[name], kind) for name, kind in _OVERRIDES.items() if name in content}
    if profile is None:
        return content, _read_profile(path.parent / PROFILES, content.get("profile"))
    return content | {"profile": profile.stem}, _read_profile(profile.parent, profile.stem)


def _merged(written: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of params.yaml over those of its profile."""
    content = dict(written)
    train = content.get("train")
    content["detectors"] = {
        pattern: {name: value for name, value in own.items() if not isinstance(train, dict) or name not in train}
        for pattern, own in profile.get("detectors", {}).items()
    }
    for section in _OVERRIDES:
        own = content.get(section, {})
        if isinstance(own, dict):
            content[section] = profile.get(section, {}) | own
    return content


def _given(own: object, kind: type[Labels | Tune | Train]) -> object:
    """Return a section without the nulls that only keep a name's place, as `dvc exp run -S` needs it."""
    hints = get_type_hints(kind)
    if not isinstance(own, dict):
        return own
    return {
        name: value
        for name, value in own.items()
        if value is not None or name not in hints or NoneType in get_args(hints[name])
    }


def _read_profile(folder: Path, name: object) -> dict[str, Any]:
    """Return a valid profile's sections as they are written; none if `name` is no name, which is reported later."""
    if not isinstance(name, str) or "/" in name:
        return {}
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
    path = folder / f"{name}.yaml"
    content = read_yaml(path, _names(Profile), f"known: {known}")
    _validated(path, content, Profile)
    return content


def _names(kind: type[Settings | Profile]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _validated(path: Path, content: dict[str, Any], kind: type[KindT]) -> KindT:
    """Return `content` as a `kind`; strict as `checked_settings` is: JSON keeps 1, 1.0, true and "1" apart."""
    try:
        return TypeAdapter(kind).validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as found:
        faults = dict[str, str]()
        for fault in found.errors():
            faults |= _plain(kind, fault)
        raise SettingsError("; ".join(f"{path}: {SectionError({at: said})}" for at, said in faults.items())) from None


def _plain(kind: type[Any], fault: Any) -> dict[str, str]:
    """Return a fault that pydantic found, by its place."""
    parts = [str(part) for part in fault["loc"] if part != "[key]"]
    place = ".".join(parts)
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, SectionError):
        return cause.within(place).faults
    if fault["type"] == "unexpected_keyword_argument":
        return {place: unknown_name(parts[-1], _section(kind, parts[:-1]))}
    if fault["type"] == "missing":
        return {place: "is missing; give it a value"}
    if fault["type"] in ("dict_type", "dataclass_type"):
        return {place: f"needs a mapping of names to values, got {shown(fault['input'])}"}
    return {place: f"{fault['msg'].replace('Input should', 'must')}, got {shown(fault['input'])}"}


def _section(kind: Any, place: list[str]) -> dict[str, Any]:
    """Return the fields of the section at `place`."""
    for part in place:
        kind = get_type_hints(kind)[part] if is_dataclass(kind) else get_args(kind)[1]
    return {field.name: field for field in fields(kind)}
