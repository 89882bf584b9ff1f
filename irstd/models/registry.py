"""The table of detectors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from irstd.errors import UnknownNameError, lookup
from irstd.models.base import Detector
from irstd.models.fdep import FDEP, FdepSettings, Foundation
from irstd.models.fdep.detector import PAPER as FDEP_PAPER
from irstd.models.fdep.weights import RANDOM, find_weights
from irstd.models.hosts import Host, HostDetector, HostSettings
from irstd.models.hosts.acm import ACM, AcmSettings
from irstd.models.hosts.alcnet import ALCNet
from irstd.models.hosts.dnanet import DNANet
from irstd.models.hosts.mshnet import MSHNet
from irstd.models.hosts.smp import FAMILY, SmpHost, check_name
from irstd.models.spire import Spire, SpireSettings
from irstd.models.sshdnet import SSHDNet, SSHDNetSettings
from irstd.models.tophat import TopHat, TopHatSettings
from irstd.settings.checked import checked_settings


@dataclass(frozen=True)
class NamedFile:
    """A file that a setting names.

    Attributes:
        name: two of one name are one file.
        find: where it is on this machine; a ModelError where it is not.
    """

    name: str
    find: Callable[[], Path]


def _none(settings: object) -> Mapping[str, NamedFile]:
    return {}


@dataclass(frozen=True)
class DetectorEntry:
    """A detector that can be named in the settings.

    Attributes:
        name: its name.
        build: a new detector from its settings.
        settings: the frozen dataclass of its settings.
        loss: the name of its paper's loss; None: it is not trained.
        paper: where it comes from.
        ships: of its settings, detector and settings of `Detector.deployed`; None: itself.
        files: of its settings, the files that must be there to build it, by the setting that names each.
    """

    name: str
    build: Callable[[Any], Detector]
    settings: type[Any]
    loss: str | None
    paper: str
    ships: Callable[[Any], tuple[str, Mapping[str, object]]] | None = None
    files: Callable[[Any], Mapping[str, NamedFile]] = _none


def _sshdnet(width: int) -> DetectorEntry:
    return DetectorEntry(
        f"sshdnet-w{width}", partial(SSHDNet, width=width), SSHDNetSettings, SSHDNet.loss, SSHDNet.paper
    )


def _hosted(host: Callable[[Any], Host], settings: HostSettings) -> HostDetector:
    return HostDetector(host(settings), settings)


def _host(name: str, host: type[Host], settings: type[HostSettings] = HostSettings) -> DetectorEntry:
    return DetectorEntry(name, partial(_hosted, host), settings, host.loss, host.paper)


DETECTORS: Mapping[str, DetectorEntry] = {
    "acm": _host("acm", ACM, AcmSettings),
    "alcnet": _host("alcnet", ALCNet),
    "dnanet": _host("dnanet", DNANet),
    "mshnet": _host("mshnet", MSHNet),
    "spire": DetectorEntry("spire", Spire, SpireSettings, Spire.loss, Spire.paper),
    "sshdnet-w32": _sshdnet(32),
    "sshdnet-w16": _sshdnet(16),
    "sshdnet-w8": _sshdnet(8),
    "tophat": DetectorEntry("tophat", TopHat, TopHatSettings, TopHat.loss, TopHat.paper),
}


FDEP_FAMILY = "fdep-"


def find_detector(name: str) -> DetectorEntry:
    """The entry of that name, out of the table or of a family whose names are made of parts.

    Raises:
        UnknownNameError: no such detector.
        ModelError: the family's package is not installed.
    """
    if name.startswith(FDEP_FAMILY):
        return _fdep(name)
    if name.startswith(FAMILY):
        check_name(name)
        return DetectorEntry(name, partial(_hosted, partial(SmpHost, name)), HostSettings, SmpHost.loss, SmpHost.paper)
    return lookup(DETECTORS, name, "detector")


def host_names() -> list[str]:
    """The detectors of the table that FDEP can wrap, sorted; those of smp are hosts too."""
    return sorted(name for name, entry in DETECTORS.items() if issubclass(entry.settings, HostSettings))


def build(detector: str, settings: Mapping[str, object]) -> Detector:
    """A new detector; settings that are not named keep their defaults.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `find_detector`, an unknown setting, one of a wrong type, or one out of range.
    """
    entry = find_detector(detector)
    return entry.build(checked_settings(entry.settings, settings, f"{detector}: model"))


def check_detector(detector: str, settings: Mapping[str, object]) -> tuple[str, ...]:
    """What a reader of its scores must know, once all that a fit of it needs is known to be there.

    It is built on torch's meta device, where nothing is computed: its settings, its host's, and its foundation model,
    whose weights are looked at, and fetched from the hub if they are not in its cache.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`, or there are no such weights; says how to get them.
    """
    with torch.device("meta"):
        return build(detector, settings).warnings


def deployed_as(detector: str, settings: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """Detector and settings that a trained one's bundle says: its own, or those of the network that it leaves behind.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`.
    """
    entry = find_detector(detector)
    if entry.ships is None:
        return detector, settings
    return entry.ships(checked_settings(entry.settings, settings, f"{detector}: model"))


def named_files(detector: str, settings: Mapping[str, object]) -> Mapping[str, NamedFile]:
    """The files that must be there to build it, by the setting that names each.

    Raises:
        UnknownNameError: no such detector.
        ModelError: as `build`, but for the files themselves.
    """
    entry = find_detector(detector)
    return entry.files(checked_settings(entry.settings, settings, f"{detector}: model"))


def _fdep(name: str) -> DetectorEntry:
    """FDEP round the host that `name` ends with."""
    host = find_detector(name.removeprefix(FDEP_FAMILY))
    if not issubclass(host.settings, HostSettings):
        known = ", ".join(host_names())
        raise UnknownNameError(f"unknown detector '{name}': FDEP wraps a host: {known}, or {FAMILY}…")

    def build_fdep(settings: FdepSettings) -> Detector:
        plain = host.build(checked_settings(host.settings, settings.host, f"{name}: model.host"))
        assert isinstance(plain, HostDetector)  # what hosts' entries build
        return FDEP(plain, Foundation(settings.foundation, settings.weights), settings)

    def ships(settings: FdepSettings) -> tuple[str, Mapping[str, object]]:
        return host.name, settings.host

    return DetectorEntry(name, build_fdep, FdepSettings, host.loss, FDEP_PAPER, ships, _fdep_files)


def _fdep_files(settings: FdepSettings) -> Mapping[str, NamedFile]:
    if settings.weights == RANDOM or isinstance(settings.weights, bytes):
        return {}
    place = (settings.foundation, settings.weights)
    return {"weights": NamedFile(" ".join(place), partial(find_weights, *place))}
