"""SPIRE as a detector: one point a target. Ni et al., arXiv 2604.05363."""

from dataclasses import dataclass

from irstd.models.base import InputRule, Rules
from irstd.models.entry import DetectorEntry
from irstd.models.response import ResponseDetector, ResponseSettings
from irstd.models.spire.network import HRPE

# How the authors decode their own maps.
OFFICIAL_RULES = Rules(threshold=0.35, value_range=0.35, most=8)


@dataclass(frozen=True)
class SpireSettings(ResponseSettings):
    """Settings of the SPIRE detector; the authors' weights need `color: rgb`."""

    multiple = ResponseDetector.stride


class Spire(ResponseDetector):
    """HRPE at stride 4; detections are the peaks of its map."""

    network: HRPE
    rules = OFFICIAL_RULES
    paper = "Ni et al., SPIRE, arXiv 2604.05363 (2026)"

    def __init__(self, settings: SpireSettings) -> None:
        super().__init__(InputRule(color=settings.color, channels=3, size=settings.size), HRPE(), settings.centre)


ENTRY = DetectorEntry("spire", Spire, SpireSettings, Spire.loss, Spire.paper)
