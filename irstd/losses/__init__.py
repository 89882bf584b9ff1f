"""What a fit drives down: raw output against label."""

from irstd.losses.sparse_mse import sparse_mse
from irstd.losses.table import LOSSES, Loss, LossState
from irstd.losses.weighted_mse import weighted_mse

__all__ = ["LOSSES", "Loss", "LossState", "sparse_mse", "weighted_mse"]
