"""Drift: how new frames differ from those that the champion was trained on."""

from irstd.drift.compare import Drift, Shift, detect_drift
from irstd.drift.figures import ANSWERS, LABELS, PICTURES, Measured, measure_frames

__all__ = [
    "ANSWERS",
    "LABELS",
    "PICTURES",
    "Drift",
    "Measured",
    "Shift",
    "detect_drift",
    "measure_frames",
]
