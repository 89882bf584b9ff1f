"""The scores hse-1 and hse-2, and the usual figures of the field (docs/hse.md)."""

from irstd.metrics.counts import Counts, pooled
from irstd.metrics.frame import FrameCounts, FrameRow, count_frame
from irstd.metrics.hse import HSE
from irstd.metrics.score import DEFINITION, Score, score_of
from irstd.metrics.scored import ScoredFrame

__all__ = [
    "DEFINITION",
    "HSE",
    "Counts",
    "FrameCounts",
    "FrameRow",
    "Score",
    "ScoredFrame",
    "count_frame",
    "pooled",
    "score_of",
]
