"""Predictions of anyone, read from files, matched with the truth and scored; no model of ours is needed."""

from irstd.predictions.result import result_json
from irstd.predictions.scoring import Outcome, score_detections, score_responses
from irstd.predictions.truth import SPLIT_CHOICES, Truth, open_truth

__all__ = [
    "SPLIT_CHOICES",
    "Outcome",
    "Truth",
    "open_truth",
    "result_json",
    "score_detections",
    "score_responses",
]
