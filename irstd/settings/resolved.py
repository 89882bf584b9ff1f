"""The values that a project's settings have, and the file that each comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irstd.settings.load import PROFILES, load_settings, read_written
from irstd.settings.project import Settings
from irstd.settings.reference import SettingsGroup, as_yaml
from irstd.settings.variants import own_model, own_training

DEFAULT = "default"
_EACH = "variants.NAME."
_TRAIN, _MODEL, _TRIALS = "train.", "model.", "tune.trials"


@dataclass(frozen=True)
class ResolvedValue:
    """A value that is in force.

    Attributes:
        value: as YAML has it.
        source: the file that sets it, with the place in it where that is not the setting's own; else `default`.
        variant: the variant that has it; empty: all that have no value of their own.
    """

    value: str
    source: str
    variant: str = ""


@dataclass(frozen=True)
class _Project:
    settings: Settings
    written: Mapping[str, Any]
    profile: Mapping[str, Any]
    params_name: str
    profile_name: str


def resolve(groups: list[SettingsGroup], params: Path) -> dict[str, tuple[ResolvedValue, ...]]:
    """Return the values of all settings of `groups` by name, the common one first, then those of single variants.

    Args:
        groups: of the reference; one called model.DETECTOR holds settings of a detector.
        params: params.yaml of the project.

    Raises:
        SettingsError: a file is missing, is no YAML, or holds faults.
    """
    written, profile = read_written(params)
    settings = load_settings(params)
    project = _Project(settings, written, profile, params.name, f"{PROFILES}/{settings.profile}.yaml")
    return {each.name: tuple(_values(project, group, each.name)) for group in groups for each in group.settings}


def _values(project: _Project, group: SettingsGroup, name: str) -> Iterator[ResolvedValue]:
    if group.name.startswith(_MODEL):
        yield from _of_model(project, group.name.removeprefix(_MODEL), name.rpartition(".")[2])
    elif name.startswith(_EACH):
        yield from _of_rows(project, name.removeprefix(_EACH))
    else:
        yield ResolvedValue(as_yaml(_at(project.settings, name)), _source(project, name))
        yield from _of_variants(project, name)


def _source(project: _Project, name: str) -> str:
    if _has(project.written, name):
        return project.params_name
    return project.profile_name if _has(project.profile, name) else DEFAULT


def _of_rows(project: _Project, setting: str) -> Iterator[ResolvedValue]:
    """Yield what the rows of `variants` themselves say."""
    for name, variant in project.settings.variants.items():
        if _has(project.written, f"variants.{name}.{setting}"):
            yield ResolvedValue(as_yaml(getattr(variant, setting)), project.params_name, name)


def _of_variants(project: _Project, name: str) -> Iterator[ResolvedValue]:
    """Yield the values of the variants for which something else than the section decides."""
    settings = project.settings
    for variant, row in settings.variants.items():
        place = f"{project.params_name} variants.{variant}"
        if name == _TRIALS and row.trials is not None:
            yield ResolvedValue(as_yaml(row.trials), f"{place}.trials", variant)
        setting = name.removeprefix(_TRAIN)
        if setting == name:
            continue
        value = as_yaml(getattr(settings.train_for(variant), setting))
        if setting in row.train:
            yield ResolvedValue(value, f"{place}.train", variant)
        elif setting in own_training(settings.detectors, settings.detector_of(variant)):
            yield ResolvedValue(value, f"{project.profile_name} detectors", variant)


def _of_model(project: _Project, detector: str, setting: str) -> Iterator[ResolvedValue]:
    """Yield what variants of a detector, or the profile for it, set of its own settings."""
    settings = project.settings
    for variant, row in settings.variants.items():
        if settings.detector_of(variant) != detector:
            continue
        if setting in row.model:
            source = f"{project.params_name} variants.{variant}.model"
            yield ResolvedValue(as_yaml(row.model[setting]), source, variant)
        elif setting in (own := own_model(settings.detectors, detector)):
            yield ResolvedValue(as_yaml(own[setting]), f"{project.profile_name} detectors", variant)


def _at(value: Any, name: str) -> Any:
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _has(content: Any, name: str) -> bool:
    """Tell whether a file says something of the setting."""
    for part in name.split("."):
        if not isinstance(content, Mapping) or part not in content:
            return False
        content = content[part]
    return True
