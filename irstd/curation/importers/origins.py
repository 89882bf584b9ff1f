"""Origins of the known datasets."""

from collections.abc import Mapping
from dataclasses import dataclass

_ASK = "none stated by the authors; ask them before any use but research"


@dataclass(frozen=True)
class Origin:
    """Publisher, citation and licence of a dataset, for dataset.json."""

    source: str
    citation: str
    licence: str


SIRST_V1 = Origin(
    source="SIRST-V1 (NUAA-SIRST), github YimianDai/open-sirst-v2",
    citation=(
        "Dai et al., Asymmetric Contextual Modulation for Infrared Small Target Detection, WACV 2021; "
        "Dai et al., One-Stage Cascade Refinement Networks for Infrared Small Target Detection, TGRS 2023"
    ),
    licence=_ASK,
)
SIRST_V2 = Origin(
    source="SIRST-V2, github YimianDai/open-sirst-v2; every frame of SIRST-V1 is in it",
    citation=SIRST_V1.citation,
    licence=_ASK,
)
NUDT_SIRST = Origin(
    source="NUDT-SIRST, github YeRen123455/Infrared-Small-Target-Detection",
    citation="Li et al., Dense Nested Attention Network for Infrared Small Target Detection, TIP 2023",
    licence=_ASK,
)
IRSTD_1K = Origin(
    source="IRSTD-1k, github RuiZhang97/ISNet",
    citation="Zhang et al., ISNet: Shape Matters for Infrared Small Target Detection, CVPR 2022",
    licence="MIT, says the README of the authors' repository",
)

DRONE_IR = Origin(
    source="drone-ir: frames of 60 infrared clips, github DroneDetectionThesis/Drone-detection-dataset",
    citation="Svanström et al., A Dataset for Multi-Sensor Drone Detection, Data in Brief 2021",
    licence="CC0-1.0",
)

_KNOWN: Mapping[str, Origin] = {
    "nuaasirst": SIRST_V1,
    "nudtsirst": NUDT_SIRST,
    "irstd1k": IRSTD_1K,
    "droneir": DRONE_IR,
}


def origin_of(name: str, layout: str) -> Origin:
    """Return the origin of the dataset `name` in any spelling; for an unknown one it says so."""
    key = "".join(letter for letter in name.casefold() if letter.isalnum())
    unknown = Origin(source=f"'{name}', in the layout {layout}", citation="not known", licence="not known")
    return _KNOWN.get(key, unknown)
