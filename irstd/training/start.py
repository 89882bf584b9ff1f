"""The weights that a fit starts from: those of a bundle of the same detector and settings."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from irstd.errors import ModelError, shortened
from irstd.models.base import Detector
from irstd.models.bundle import LoadedDetector, load_files
from irstd.models.folder import read_bundle
from irstd.models.pretrained import find_bundle
from irstd.models.registry import deployed_as, find_detector
from irstd.settings.checked import checked_settings


def start_files(start: str | None) -> dict[str, bytes]:
    """Return the files of the bundle that `train.start` names, as a job carries them; none for None.

    Raises:
        ModelError: there is no such bundle.
    """
    return {} if start is None else {f"{start}/{name}": part for name, part in read_bundle(find_bundle(start)).items()}


def load_start(start: str, files: Mapping[str, bytes], detector: str, settings: Mapping[str, Any]) -> LoadedDetector:
    """Load the bundle that `train.start` names, for a fit of `detector` with `settings`.

    Args:
        start: `pretrained`, or a bundle's folder.
        files: what came with the job; without the bundle's files they are read on this machine.
        detector: name in the registry.
        settings: settings of the detector.

    Raises:
        ModelError: there is no such bundle, it cannot be used, or it holds another detector; names the differences.
    """
    prefix = f"{start}/"
    came = {name.removeprefix(prefix): part for name, part in files.items() if name.startswith(prefix)}
    where = f"train.start {start}"
    loaded = load_files(came or read_bundle(find_bundle(start)), where)
    wanted = _form(*deployed_as(detector, settings))
    found = _form(loaded.bundle.detector, loaded.bundle.settings)
    differing = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
    if differing:
        told = ", ".join(f"{name} {found.get(name, '–')} (this fit: {wanted.get(name, '–')})" for name in differing)
        raise ModelError(f"{where}: holds another detector: {shortened(told, 160)}; make these alike or drop it")
    return loaded


def start_from(detector: Detector, start: LoadedDetector) -> None:
    """Give `detector` the weights of `start`, and its lineage the hash of that bundle."""
    detector.deployed().load_state_dict(start.detector.state_dict())
    detector.lineage = {**detector.lineage, "start": start.hash}


def _form(detector: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detector's name and all its settings."""
    return {
        "detector": detector,
        **asdict(checked_settings(find_detector(detector).settings, settings, f"{detector}: model")),
    }
