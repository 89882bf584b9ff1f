"""Whether new frames are still like those a champion learned from."""

from irstd.monitoring.compare import Drift, DriftRule, Shift, detect_drift
from irstd.monitoring.figures import ANSWERS, LABELS, PICTURES, Measured, measure_frames

__all__ = [
    "ANSWERS",
    "LABELS",
    "PICTURES",
    "Drift",
    "DriftRule",
    "Measured",
    "Shift",
    "detect_drift",
    "measure_frames",
]
