"""The course of a fit, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CurveRow:
    """What stands after some steps.

    Attributes:
        step: steps done.
        loss: mean training loss since the row before.
        learning_rate: of the last step.
        scores: what the validation of the averaged weights gave, `hse` (0..100) deciding; empty where none was due.
    """

    step: int
    loss: float
    learning_rate: float
    scores: Mapping[str, float | None] = field(default_factory=dict)
