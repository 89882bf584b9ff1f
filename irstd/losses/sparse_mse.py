"""The loss of response maps with a penalty on faint clutter."""

from torch import Tensor

from irstd.losses.weighted_mse import weighted_mse

# Of the absolute against the squared error. Beside a fit's squared errors of 1e-3 it is a small part of the sum.
_ABSOLUTE = 0.01


def sparse_mse(raw: Tensor, label: Tensor, positive_weight: float = 0.0) -> Tensor:
    """2 · mean(w · (raw − label)² + 0.01 · |raw − label|), w as in `weighted_mse`: a float32 scalar, 0 at best. [ours]

    A squared error of 0.1² on clutter hardly counts, and HSE begins at a confidence of 0.1; the absolute error pulls
    there as hard as anywhere, so that the background comes down to 0.

    Args:
        raw: raw output (B, 1, h, w), any floating type; the sum is taken in float32.
        label: response (B, 1, h, w) in [0, 1].
        positive_weight: extra weight of a cell of label 1; background cells weigh 1.

    Raises:
        TrainingError: the shapes differ.
    """
    squared = weighted_mse(raw, label, positive_weight)
    return squared + 2.0 * _ABSOLUTE * (raw.float() - label.float()).abs().mean()
