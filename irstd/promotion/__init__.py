"""The gate: figures in, verdict and reasons out; pure. And the model card that tells them."""

from irstd.promotion.card import Card, model_card
from irstd.promotion.figures import Candidate, Champion, Contest, Decision, Limits, Measured, Verdict
from irstd.promotion.gate import decide, judge, nominate, own_faults

__all__ = [
    "Candidate",
    "Card",
    "Champion",
    "Contest",
    "Decision",
    "Limits",
    "Measured",
    "Verdict",
    "decide",
    "judge",
    "model_card",
    "nominate",
    "own_faults",
]
