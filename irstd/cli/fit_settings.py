"""The settings of `irstd train`, from a project or without one. Nothing here imports torch or NumPy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from irstd.errors import SettingsError, lookup
from irstd.models import pretrained
from irstd.models.record import RECORD
from irstd.models.table import DETECTORS, FAMILIES
from irstd.settings.checked import checked_settings
from irstd.settings.gate import Budget
from irstd.settings.labels import Labels
from irstd.settings.load import PARAMS, PROFILES, load_settings
from irstd.settings.train import Train
from irstd.settings.variants import Variant, with_overrides
from irstd.settings.yaml_file import read_assignments
from irstd.training.profile import read_model, read_profile

_SET = "--set"
_SECTIONS = ("train", "model", "labels")


@dataclass(frozen=True)
class FitSettings:
    """All that decides a fit but its frames and the device.

    Attributes:
        detector: name in the registry.
        labels, train, model: settings of labels, of the fit and of the detector.
        seed: of every random choice.
        threads: on the CPU.
        decides: the figure of validation by which weights are kept.
        searched: settings that a search of the pipeline would draw, and a single fit does not.
    """

    detector: str
    labels: Labels
    train: Train
    model: Mapping[str, Any]
    seed: int = 7
    threads: int = 2
    decides: str = Budget().figure
    searched: Sequence[str] = ()


def find_fit_settings(root: Path | None, variant: str, profile: str | None, changes: Sequence[str]) -> FitSettings:
    """Return the settings of a variant.

    Args:
        root: the project, whose params.yaml has the variants; None: outside one.
        variant: a row of params.yaml, or a detector, which then starts from the shipped bundle if that is of it.
        profile: name of a profile of the project, or a file; None: the one of params.yaml, without a project none.
        changes: NAME=VALUE, the names as in train.steps, model.color or labels.size.

    Raises:
        SettingsError: a file or a change is at fault.
        UnknownNameError: no such variant or detector.
    """
    chosen = None if profile is None else _profile_file(root, profile)
    found = _alone(variant, chosen) if root is None else _of_project(root, variant, chosen)
    given: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for name, value in read_assignments(changes, _SET).items():
        section, _, setting = name.partition(".")
        if section not in given or not setting:
            raise SettingsError(f"{_SET} {name}: names are train.SETTING, model.SETTING or labels.SETTING")
        given[section][setting] = value
    return replace(
        found,
        labels=checked_settings(Labels, {**vars(found.labels), **given["labels"]}, f"{_SET} labels"),
        train=with_overrides(found.train, given["train"], f"{_SET} train"),
        model={**found.model, **given["model"]},
    )


def _profile_file(root: Path | None, profile: str) -> Path:
    if root is not None and Path(profile).name == profile and not profile.endswith(".yaml"):
        return root / PROFILES / f"{profile}.yaml"
    return Path(profile)


def _of_project(root: Path, variant: str, profile: Path | None) -> FitSettings:
    settings = load_settings(root / PARAMS, profile)
    if variant not in settings.variants:
        _check_detector(variant, settings.variants)
        settings = replace(settings, variants={**settings.variants, variant: Variant(train=_start(variant))})
    return FitSettings(
        settings.detector_of(variant),
        settings.labels,
        settings.train_for(variant),
        settings.model_for(variant),
        settings.compute.seed,
        settings.compute.fit.cpus,
        settings.budget.figure,
        tuple(settings.variants[variant].search),
    )


def _alone(detector: str, profile: Path | None) -> FitSettings:
    _check_detector(detector, {})
    start = _start(detector) if profile is None else {}
    labels, train = read_profile(profile, detector, start)
    return FitSettings(detector, labels, train, read_model(profile, detector))


def _check_detector(name: str, variants: Mapping[str, Variant]) -> None:
    if not name.startswith(tuple(FAMILIES)):
        lookup({**dict.fromkeys(variants), **dict.fromkeys(DETECTORS)}, name, "variant or detector")


def _start(detector: str) -> dict[str, str]:
    """Return the setting by which a fit starts from the shipped bundle, where that holds this detector."""
    record = pretrained.FOLDER / RECORD
    shipped = json.loads(record.read_text(encoding="utf-8")).get("detector") if record.is_file() else None
    return {"start": pretrained.PRETRAINED} if shipped == detector else {}
