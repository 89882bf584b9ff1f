"""A profile outside the pipeline: a recipe of profiles/*.yaml as the settings of one fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from irstd.errors import ModelError, SettingsError
from irstd.models.checked import checked_settings
from irstd.recipes import own_training
from irstd.training.config import FitConfig

_SECTIONS = ("labels", "tune", "train", "detectors")


@dataclass(frozen=True)
class LabelRule:
    """How points become a response: its name (None: the detector's own), and the side in px of the square input."""

    response: str | None = None
    size: int = 512


def read_profile(path: Path | None, detector: str, changes: Mapping[str, object]) -> tuple[LabelRule, FitConfig]:
    """The labels and a detector's fit of a profile (none: the defaults), with `changes` of the fit over it.

    Read without pydantic, so that training needs what training needs; `tune` is the search's and is left alone.

    Raises:
        SettingsError: the file cannot be read, is no profile, or holds a setting that a fit does not have.
    """
    content: object = {}
    if path is not None:
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as fault:
            raise SettingsError(f"{path}: no profile that can be read ({' '.join(str(fault).split())})") from fault
    where = "the profile" if path is None else str(path)
    if not isinstance(content, dict) or not set(content) <= set(_SECTIONS):
        raise SettingsError(f"{where}: needs the sections {', '.join(_SECTIONS)} and no others")
    try:
        labels = checked_settings(LabelRule, content.get("labels") or {}, f"{where}: labels")
        own = own_training(content.get("detectors") or {}, detector)
        train = {**(content.get("train") or {}), **own, **changes, "label": labels.response}
        return labels, checked_settings(FitConfig, train, f"{where}: train")
    except ModelError as fault:
        raise SettingsError(str(fault)) from fault
