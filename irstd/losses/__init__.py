"""Losses of raw output against label."""

from irstd.losses.bce_soft_iou import bce_soft_iou
from irstd.losses.sls import sls
from irstd.losses.soft_iou import soft_iou
from irstd.losses.sparse_mse import sparse_mse
from irstd.losses.table import LOSSES, Loss, LossState
from irstd.losses.weighted_mse import weighted_mse

__all__ = ["LOSSES", "Loss", "LossState", "bce_soft_iou", "sls", "soft_iou", "sparse_mse", "weighted_mse"]
