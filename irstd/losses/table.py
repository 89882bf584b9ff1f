"""The losses by name."""

from collections.abc import Callable

from torch import Tensor

from irstd.losses.weighted_mse import weighted_mse

Loss = Callable[[Tensor, Tensor, float], Tensor]
"""(raw output, label, positive weight) → a float32 scalar; raw and label are (B, 1, h, w)."""

LOSSES: dict[str, Loss] = {"weighted_mse": weighted_mse}
