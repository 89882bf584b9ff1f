"""The course of a fit, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

_COLUMNS = ("step", "loss", "learning_rate", "hse", "pixel", "target")


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


def curve_csv(rows: Sequence[CurveRow]) -> str:
    """The curve as CSV with the columns step, loss, learning_rate, hse, pixel, target; scores where they were taken."""
    table = pd.DataFrame([{"step": r.step, "loss": r.loss, "learning_rate": r.learning_rate, **r.scores} for r in rows])
    return str(table.reindex(columns=_COLUMNS).to_csv(index=False, float_format="%.6g", lineterminator="\n"))
