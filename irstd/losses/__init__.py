"""Losses of raw output against label, by name."""

from irstd.losses.table import LOSSES, Loss, LossState

__all__ = ["LOSSES", "Loss", "LossState"]
