"""The learning curve of a fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from irstd.evaluation.scoring import SCORES

_COLUMNS = ("step", "loss", "learning_rate", *SCORES)


@dataclass(frozen=True)
class CurveRow:
    """A row of the curve.

    Attributes:
        step: steps done.
        loss: mean training loss since the row before.
        learning_rate: of the last step.
        scores: validation scores of the averaged weights, by name; empty between validations.
    """

    step: int
    loss: float
    learning_rate: float
    scores: Mapping[str, float | None] = field(default_factory=dict)


def curve_csv(rows: Sequence[CurveRow]) -> str:
    """Write the curve as CSV: step, loss, learning_rate and `SCORES`, which are empty between validations."""
    table = pd.DataFrame([{"step": r.step, "loss": r.loss, "learning_rate": r.learning_rate, **r.scores} for r in rows])
    return str(table.reindex(columns=_COLUMNS).to_csv(index=False, float_format="%.6g", lineterminator="\n"))
