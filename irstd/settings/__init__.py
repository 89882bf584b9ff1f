"""The only reader of params.yaml: frozen, typed sections, every fault reported at once."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from irstd.errors import SettingsError
from irstd.settings.faults import fault_line
from irstd.settings.sections import (
    Budget,
    Compute,
    Evaluate,
    Labels,
    Range,
    Resources,
    Settings,
    Train,
    Tune,
    Variant,
)

__all__ = [
    "PARAMS",
    "Budget",
    "Compute",
    "Evaluate",
    "Labels",
    "Range",
    "Resources",
    "Settings",
    "Train",
    "Tune",
    "Variant",
    "load_settings",
]

PARAMS = Path("params.yaml")


def load_settings(path: Path = PARAMS) -> Settings:
    """The settings in `path`.

    Raises:
        SettingsError: the file is missing, is no YAML, or holds faults; all of them are named.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path}: cannot be read ({fault.strerror}); run inside the project's folder") from fault
    except yaml.YAMLError as fault:
        raise SettingsError(f"{path}: is no YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: needs the sections {', '.join(Settings.model_fields)}")
    try:
        return Settings.model_validate(content)
    except ValidationError as faults:
        raise SettingsError("; ".join(fault_line(str(path), fault, Settings) for fault in faults.errors())) from faults
