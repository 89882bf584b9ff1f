"""Scoring frame by frame."""

import numpy as np
from numpy.typing import ArrayLike

from irstd.errors import ScoreError
from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.metrics.counts import Counts, pooled
from irstd.metrics.frame import FrameCounts, FrameRow, count_frame
from irstd.metrics.score import Score, score_of
from irstd.metrics.scored import ScoredFrame
from irstd.metrics.thresholds import HALF


class HSE:
    """The scores hse-1 and hse-2 of the frames given to `update` or `add`, best 100, worst 0.

        >>> import numpy as np
        >>> truth = np.zeros((64, 64))
        >>> truth[20:23, 30:33] = 1
        >>> score = HSE()
        >>> score.update(response=0.8 * truth, truth=truth).row().tp
        1
        >>> score.update(response=np.zeros((64, 64)), truth=truth).row().fn
        1
        >>> result = score.compute()
        >>> round(result.hse, 2), result.pd, result.fa_per_mpx
        (49.63, 0.5, 0.0)

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

    def update(
        self,
        response: ArrayLike,
        truth: ArrayLike,
        *,
        detections: Detections | None = None,
        frame: Frame | None = None,
        name: str = "",
    ) -> FrameCounts:
        """Count one frame, keep its counts and return them.

        Args:
            response: (H, W) in [0, 1], at the frame's native size.
            truth: (H, W), any nonzero pixel is target.
            detections: point models: all they report, at least from 0.1 up; None: the components of the response.
            frame: (H, W) or (H, W, 3) grey levels, for the figures by local contrast.
            name: for messages and rows; empty: the frame's number, from 1.

        Raises:
            ScoreError: the frame cannot be scored; the holder stays as it was.
        """
        name = name or f"frame {len(self.frames) + 1}"
        mask, values = np.asarray(truth), np.asarray(response)
        if mask.dtype.kind == "f" and (mask != np.rint(mask)).any():  # the two, swapped, would score as well
            raise ScoreError(f"{name}: truth holds fractions; it is the second of the two: update(response, truth)")
        return self.add(ScoredFrame(name, mask, values, detections=detections, frame=frame))

    def add(self, given: ScoredFrame) -> FrameCounts:
        """Count one frame given as a `ScoredFrame`, which may hold the detections of other operating rules.

        Raises:
            ScoreError: the frame cannot be scored; the holder stays as it was.
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
