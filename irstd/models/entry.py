"""An entry of the registry: everything that is known of a detector before it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irstd.models.base import Detector


@dataclass(frozen=True)
class NamedFile:
    """A file that a setting names.

    Attributes:
        name: identifies the file; equal names mean the same file.
        find: returns its path on this machine, or raises ModelError.
    """

    name: str
    find: Callable[[], Path]


def _none(settings: object) -> Mapping[str, NamedFile]:
    return {}


@dataclass(frozen=True)
class DetectorEntry:
    """A detector that settings can name.

    Attributes:
        name: its name.
        build: a new detector from its settings.
        settings: the frozen dataclass of its settings.
        loss: the name of its paper's loss; None: it is not trained.
        paper: its source.
        ships: from its settings, the detector and settings of `Detector.deployed`; None: itself.
        files: from its settings, the files needed to build it, by the setting that names each.
    """

    name: str
    build: Callable[[Any], Detector]
    settings: type[Any]
    loss: str | None
    paper: str
    ships: Callable[[Any], tuple[str, Mapping[str, object]]] | None = None
    files: Callable[[Any], Mapping[str, NamedFile]] = _none
