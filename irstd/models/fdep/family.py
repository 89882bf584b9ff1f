"""FDEP around any host, by name: `fdep-acm`, `fdep-smp-unet-resnet18`."""

from collections.abc import Mapping
from functools import partial

from irstd.errors import UnknownNameError
from irstd.models.base import Detector
from irstd.models.entry import DetectorEntry, NamedFile
from irstd.models.fdep.detector import FDEP, PAPER, FdepSettings
from irstd.models.fdep.foundation import Foundation, Reading
from irstd.models.fdep.weights import RANDOM, find_weights
from irstd.models.hosts.detector import HostDetector, HostSettings
from irstd.models.registry import find_detector
from irstd.settings.checked import checked_settings

_PREFIX = "fdep-"


def find_entry(name: str) -> DetectorEntry:
    """Return the entry of FDEP around the host that `name` ends with.

    Raises:
        UnknownNameError: no such host, or a detector that is no host.
        ModelError: the host's package is not installed.
    """
    host = find_detector(name.removeprefix(_PREFIX))
    if not issubclass(host.settings, HostSettings):
        raise UnknownNameError(f"unknown detector '{name}': FDEP wraps a host, such as acm or smp-unet-resnet18")

    def build(settings: FdepSettings) -> Detector:
        plain = host.build(checked_settings(host.settings, settings.host, f"{name}: model.host"))
        assert isinstance(plain, HostDetector)  # what hosts' entries build
        reading = Reading(settings.side, settings.norm, settings.statistics)
        return FDEP(plain, Foundation(settings.foundation, settings.weights, reading), settings)

    def ships(settings: FdepSettings) -> tuple[str, Mapping[str, object]]:
        return host.name, settings.host

    return DetectorEntry(name, build, FdepSettings, host.loss, PAPER, ships, _files)


def _files(settings: FdepSettings) -> Mapping[str, NamedFile]:
    if settings.weights == RANDOM or isinstance(settings.weights, bytes):
        return {}
    place = (settings.foundation, settings.weights)
    return {"weights": NamedFile(" ".join(place), partial(find_weights, *place))}
