"""Scoring anyone's predictions from files; no model of this project is needed."""

from irstd.evaluation.external.result import result_json
from irstd.evaluation.external.scoring import Outcome, score_detections, score_responses
from irstd.evaluation.external.truth import SPLIT_CHOICES, Truth, open_truth

__all__ = [
    "SPLIT_CHOICES",
    "Outcome",
    "Truth",
    "open_truth",
    "result_json",
    "score_detections",
    "score_responses",
]
