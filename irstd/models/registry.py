"""The registry of detectors: from a name to its entry, and from an entry to a detector."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import torch

from irstd.errors import lookup
from irstd.models.base import Detector
from irstd.models.entry import DetectorEntry, NamedFile
from irstd.settings.checked import checked_settings


def find_detector(name: str) -> DetectorEntry:
    """Return the entry of a detector, from the table or from a family whose names are made of parts.

    Raises:
        UnknownNameError: no such detector.
        ModelError: the family's package is not installed.
    """
    table = import_module("irstd.models.table")  # by name, so that its rows are in no digest of the code
    family = next((place for prefix, place in table.FAMILIES.items() if name.startswith(prefix)), None)
    found = _at(family)(name) if family else _at(lookup(table.DETECTORS, name, "detector"))
    return cast(DetectorEntry, found)


def build(detector: str, settings: Mapping[str, object]) -> Detector:
    """Build a new detector; settings that are not named keep their defaults.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `find_detector`, or a setting that is unknown, of a wrong type or out of range.
    """
    entry = find_detector(detector)
    return entry.build(checked_settings(entry.settings, settings, f"{detector}: model"))


def check_detector(detector: str, settings: Mapping[str, object]) -> tuple[str, ...]:
    """Check that a detector can be fitted; return the warnings for readers of its scores.

    It is built on torch's meta device, where nothing is computed. The weights of a foundation model are looked for, and
    downloaded from the hub if they are not cached.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`, or the weights are not available; says how to get them.
    """
    with torch.device("meta"):
        return build(detector, settings).warnings


def deployed_as(detector: str, settings: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """Return detector and settings of the bundle of a fit: its own, or those of the network it deploys.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`.
    """
    entry = find_detector(detector)
    if entry.ships is None:
        return detector, settings
    return entry.ships(checked_settings(entry.settings, settings, f"{detector}: model"))


def named_files(detector: str, settings: Mapping[str, object]) -> Mapping[str, NamedFile]:
    """Return the files needed to build a detector, by the setting that names each.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`, but for the files themselves.
    """
    entry = find_detector(detector)
    return entry.files(checked_settings(entry.settings, settings, f"{detector}: model"))


def _at(place: str) -> Any:
    """Import what `module:attribute` names."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
