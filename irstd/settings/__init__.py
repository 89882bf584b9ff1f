"""The only reader of params.yaml: frozen, typed sections, every fault reported at once."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from irstd.errors import SettingsError
from irstd.settings.faults import fault_line
from irstd.settings.sections import (
    Budget,
    Compute,
    Drift,
    Evaluate,
    Gate,
    Labels,
    Profile,
    Range,
    Resources,
    Retrain,
    Settings,
    Train,
    Tune,
    Variant,
)

__all__ = [
    "PARAMS",
    "Budget",
    "Compute",
    "Drift",
    "Evaluate",
    "Gate",
    "Labels",
    "Profile",
    "Range",
    "Resources",
    "Retrain",
    "Settings",
    "Train",
    "Tune",
    "Variant",
    "load_settings",
]

PARAMS = Path("params.yaml")
PROFILES = "profiles"

KindT = TypeVar("KindT", Settings, Profile)


def load_settings(path: Path = PARAMS) -> Settings:
    """The settings in `path` over those of the profile it names, which lies in `profiles` beside it.

    Raises:
        SettingsError: a file is missing, is no YAML, or holds faults; all of one file are named.
    """
    content = _read(path, Settings, "run inside the project's folder")
    if "detectors" in content:
        raise SettingsError(f"{path}: detectors: is a profile's; here it is variants.NAME.train")
    recipe = _read_profile(path.parent / PROFILES, content.get("profile"))
    train = content.get("train") or {}
    content["detectors"] = {
        pattern: {name: value for name, value in own.items() if name not in train}
        for pattern, own in recipe.get("detectors", {}).items()
    }
    for section in ("labels", "tune", "train"):
        own = content.get(section) or {}
        if isinstance(own, dict):
            content[section] = recipe.get(section, {}) | own
    return _checked(path, content, Settings)


def _read_profile(folder: Path, name: object) -> dict[str, Any]:
    """The sections of a profile as they are written; none where the name is no name, which is found later."""
    if not isinstance(name, str) or "/" in name:
        return {}
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
    path = folder / f"{name}.yaml"
    content = {name: {} if part is None else part for name, part in _read(path, Profile, f"known: {known}").items()}
    _checked(path, content, Profile)
    return content


def _read(path: Path, kind: type[Settings | Profile], hint: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path}: cannot be read ({fault.strerror}); {hint}") from fault
    except yaml.YAMLError as fault:
        raise SettingsError(f"{path}: is no YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: needs the sections {', '.join(kind.model_fields)}")
    return content


def _checked(path: Path, content: dict[str, Any], kind: type[KindT]) -> KindT:
    try:
        return kind.model_validate(content)
    except ValidationError as faults:
        raise SettingsError("; ".join(fault_line(str(path), fault, kind) for fault in faults.errors())) from faults
