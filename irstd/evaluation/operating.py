"""The operating threshold of a detector, chosen on validation."""

from irstd.metrics import Score
from irstd.metrics.thresholds import TARGET_CONFIDENCES
from irstd.models.base import Rules


def choose_operating(validation: Score) -> Rules:
    """Return rules with the confidence of 0.1 to 0.9 that gives the best F1 at 5 px on validation; 0.5 where undefined.

    Of equally good ones the nearest to 0.5, then the lower: far from both ends, where scores drift least. Ours.
    """
    surface = validation.surface.f1
    if surface is None:
        return Rules()
    ranked = sorted(
        (-round(row[-1], 12), round(abs(float(confidence) - 0.5), 12), float(confidence))
        for confidence, row in zip(TARGET_CONFIDENCES, surface, strict=True)
    )
    return Rules(threshold=ranked[0][2])
