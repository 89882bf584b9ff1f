"""What a fit drives down: raw output against label."""

from irstd.losses.table import LOSSES, Loss, LossState
from irstd.losses.weighted_mse import weighted_mse

__all__ = ["LOSSES", "Loss", "LossState", "weighted_mse"]
