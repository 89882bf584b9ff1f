"""A profile outside a project, read without pydantic."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irstd.settings.checked import checked_settings, unknown_name
from irstd.settings.faults import SectionError
from irstd.settings.labels import Labels
from irstd.settings.train import Train
from irstd.settings.variants import own_model, own_training
from irstd.settings.yaml_file import read_yaml

_SECTIONS = ("labels", "tune", "train", "detectors")


def read_profile(path: Path | None, detector: str, changes: Mapping[str, object]) -> tuple[Labels, Train]:
    """Return the labels and a detector's training settings of a profile, with `changes` of the latter over it.

    Args:
        path: the file; None: the defaults. Its section `tune` belongs to the search and is left alone.
        detector: name in the registry.
        changes: training settings by name.

    Raises:
        SettingsError: the file cannot be read, or one of these sections holds a fault.
    """
    content: dict[str, Any] = {} if path is None else read_yaml(path, _SECTIONS, "give the path of a profile")
    where = f"{path}: " if path is not None else ""
    faults = {f"{where}{name}": unknown_name(name, _SECTIONS) for name in content if name not in _SECTIONS}
    faults |= {f"{where}{name}": "needs a mapping" for name, part in content.items() if not isinstance(part, dict)}
    if faults:
        raise SectionError(faults)
    labels = checked_settings(Labels, content.get("labels", {}), f"{where}labels")
    train = {**content.get("train", {}), **own_training(content.get("detectors", {}), detector), **changes}
    return labels, checked_settings(Train, train, f"{where}train")


def read_model(path: Path | None, detector: str) -> dict[str, Any]:
    """Return a profile's settings of the detector itself; none without a profile.

    Raises:
        SettingsError: the file cannot be read.
    """
    content = {} if path is None else read_yaml(path, _SECTIONS, "give the path of a profile")
    return own_model(content.get("detectors", {}), detector)
