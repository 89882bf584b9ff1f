"""Detectors against labelled frames: scores, and the threshold a detector operates at."""

from irstd.evaluation.operating import choose_operating
from irstd.evaluation.scoring import Validation, score_frames

__all__ = ["Validation", "choose_operating", "score_frames"]
