"""Training of any detector: crops, fit, curve and checkpoint."""

from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow
from irstd.training.device import seeded
from irstd.training.fit import FitResult, Validate, fit

__all__ = ["CurveRow", "FitConfig", "FitResult", "Validate", "fit", "seeded"]
