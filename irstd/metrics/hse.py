"""A holder for scoring frame by frame."""

from irstd.metrics.counts import Counts, pooled
from irstd.metrics.frame import FrameCounts, FrameRow, count_frame
from irstd.metrics.score import Score, score_of
from irstd.metrics.scored import ScoredFrame
from irstd.metrics.thresholds import HALF


class HSE:
    """The score hse-1 of the frames given to `update`, best 100, worst 0.

    Shards need nothing special: `pooled` adds the `counts` of any number of holders, `score_of` reduces the sum.

    Args:
        threshold: the operating threshold in (0, 1], for the headline figures only.

    Raises:
        ScoreError: the threshold lies outside (0, 1].
    """

    def __init__(self, threshold: float = HALF) -> None:
        Counts.none(threshold)
        self.threshold = threshold
        self.frames: list[FrameCounts] = []

    def update(self, given: ScoredFrame) -> FrameCounts:
        """Count one frame and keep its counts, which also come back.

        Raises:
            ScoreError: the frame cannot be scored; nothing is kept of it.
        """
        counted = count_frame(given, self.threshold)
        self.frames.append(counted)
        return counted

    @property
    def counts(self) -> Counts:
        """The counts of all frames so far, pooled."""
        return pooled((frame.counts for frame in self.frames), self.threshold)

    def compute(self) -> Score:
        """The result over all frames so far; everything is None or 0 before the first."""
        return score_of(self.counts)

    def rows(self) -> list[FrameRow]:
        """One row a frame, in the order they came."""
        return [frame.row() for frame in self.frames]
