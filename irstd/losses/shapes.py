"""Shape check of raw output and label."""

from torch import Tensor

from irstd.errors import TrainingError


def check_shapes(loss: str, raw: Tensor, label: Tensor) -> None:
    """Raise unless both have the same shape.

    Raises:
        TrainingError: they differ; the message begins with the name of the loss.
    """
    if raw.shape != label.shape:
        raise TrainingError(
            f"{loss}: raw output of shape {tuple(raw.shape)} against a label of shape {tuple(label.shape)};"
            " the detector's stride must be the label's"
        )
