"""The loss of response maps."""

from torch import Tensor

from irstd.losses.shapes import check_shapes


def weighted_mse(raw: Tensor, label: Tensor, positive_weight: float = 0.0) -> Tensor:
    """2 · mean(w · (raw − label)²) with w = 1 + positive_weight · label: a float32 scalar, 0 at best.

    With weight 0 this is SPIRE's loss (docs/methods.md: 2·MSE over all cells, batch mean). The weight is ours: targets
    fill a thousandth of the cells, so that a map of zeros is already nearly right without it.

    Args:
        raw: raw output (B, 1, h, w), any floating type; the sum is taken in float32.
        label: response (B, 1, h, w) in [0, 1].
        positive_weight: extra weight of a cell of label 1; background cells weigh 1.

    Raises:
        TrainingError: the shapes differ.
    """
    check_shapes("weighted_mse", raw, label)
    truth = label.float()
    weight = 1.0 + positive_weight * truth
    return 2.0 * (weight * (raw.float() - truth).square()).mean()
