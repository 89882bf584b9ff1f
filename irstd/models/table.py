"""The table of detectors: the place of each entry, as `module:attribute`.

Strings, so that naming a detector imports no other, and a new row changes no other's digest (docs/architecture.md).
"""

from collections.abc import Mapping

HOSTS: Mapping[str, str] = {
    "acm": "irstd.models.hosts.acm:ENTRY",
    "alcnet": "irstd.models.hosts.alcnet:ENTRY",
    "dnanet": "irstd.models.hosts.dnanet:ENTRY",
    "mshnet": "irstd.models.hosts.mshnet:ENTRY",
}
"""Encoder-decoders that learn masks; FDEP can wrap each of them."""

DETECTORS: Mapping[str, str] = {
    **HOSTS,
    "spire-plus": "irstd.models.spire_plus.detector:ENTRY",
    "spire": "irstd.models.spire.detector:ENTRY",
    "sshdnet-w32": "irstd.models.sshdnet.detector:W32",
    "sshdnet-w16": "irstd.models.sshdnet.detector:W16",
    "sshdnet-w8": "irstd.models.sshdnet.detector:W8",
    "tophat": "irstd.models.tophat:ENTRY",
}

FDEP, SMP = "fdep-", "smp-"
FAMILIES: Mapping[str, str] = {
    FDEP: "irstd.models.fdep.family:find_entry",
    SMP: "irstd.models.hosts.smp:find_entry",
}
"""Detectors whose names are made of parts: the prefix, and the function from a name to its entry."""


def detector_modules(name: str) -> frozenset[str]:
    """Return the modules that define a detector; none for a name that is not known."""
    for prefix, place in FAMILIES.items():
        if name.startswith(prefix):
            host = detector_modules(name.removeprefix(prefix)) if prefix == FDEP else frozenset()
            return host | {_module(place)}
    return frozenset(_module(place) for known, place in DETECTORS.items() if known == name)


def _module(place: str) -> str:
    return place.partition(":")[0]
