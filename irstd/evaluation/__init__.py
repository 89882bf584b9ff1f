"""Detectors against labelled frames: scores, their ceiling, and the threshold a detector operates at."""

from irstd.evaluation.ceiling import ceiling
from irstd.evaluation.operating import choose_operating
from irstd.evaluation.scoring import Validation, score_frames

__all__ = ["Validation", "ceiling", "choose_operating", "score_frames"]
