"""The counts of one frame."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX, by_class, local_contrast
from irstd.labels.points import Components, components_of
from irstd.metrics.counts import IOU_UNIT, Counts
from irstd.metrics.pixels import count_pixels
from irstd.metrics.ranked import Ranked
from irstd.metrics.ranked_pixels import pixel_steps
from irstd.metrics.ranked_targets import component_steps, peak_steps, within_5px
from irstd.metrics.scored import ScoredFrame, checked
from irstd.metrics.steps import Steps
from irstd.metrics.targets import count_targets
from irstd.metrics.thresholds import AT_OPERATING, HALF, PIXEL_GRID


@dataclass(frozen=True)
class FrameRow:
    """One frame in the table of frames; targets at the operating threshold and 5 px.

    Attributes:
        name, pixels, targets: of the frame.
        tp, fp, fn: targets matched, false alarms, targets missed.
        unmatched_px: area of the false alarms.
        iou: the frame's own IoU at the operating threshold; None without a true target.
        a_iou: the mean of its own IoU over the 255 thresholds; None without a true target.
        highest_false_score: of the false alarms; None without any.
    """

    name: str
    pixels: int
    targets: int
    tp: int
    fp: int
    fn: int
    unmatched_px: int
    iou: float | None
    a_iou: float | None
    highest_false_score: float | None


@dataclass(frozen=True)
class FrameCounts:
    """One frame's counts under its name.

    Attributes:
        name: the frame's name.
        counts: its counts.
        highest_false_score: of the false alarms at the operating threshold and 5 px; None without any.
        by_score: its detections, 64 at most, by score: hits within 5 px and all, matched as the threshold falls. Of a
            mask model its components at 0.1, of a point model its peaks. None where the counts were stored.
    """

    name: str
    counts: Counts
    highest_false_score: float | None
    by_score: Steps | None = field(default=None, compare=False, repr=False)

    def row(self) -> FrameRow:
        """The frame in the table of frames."""
        c = self.counts
        tp, found = int(c.target_tp[AT_OPERATING, -1]), int(c.found[AT_OPERATING])
        own = c.own_iou / IOU_UNIT
        return FrameRow(
            name=self.name,
            pixels=c.pixels,
            targets=c.targets,
            tp=tp,
            fp=found - tp,
            fn=c.targets - tp,
            unmatched_px=int(c.unmatched_px[AT_OPERATING, -1]),
            iou=float(own[AT_OPERATING]) if c.target_frames else None,
            a_iou=float(own[PIXEL_GRID].mean()) if c.target_frames else None,
            highest_false_score=self.highest_false_score,
        )


def count_frame(given: ScoredFrame, threshold: float = HALF) -> FrameCounts:
    """Count one frame, `threshold` being the operating one in (0, 1].

    Raises:
        ScoreError: the frame cannot be scored (wrong shape, range or type), or the threshold lies outside (0, 1].
    """
    none = Counts.none(threshold)
    scored = checked(given, threshold)
    truth = components_of(scored.truth)
    counted, ranked = count_hse_1(scored, truth, none), count_hse_2(scored, truth)
    of_peaks = counted.by_score if scored.detections is None else within_5px(ranked.targets)
    return replace(counted, counts=replace(counted.counts, ranked=ranked), by_score=of_peaks)


def count_hse_1(scored: ScoredFrame, truth: Components, none: Counts) -> FrameCounts:
    """Count a checked frame for hse-1 and the usual figures, from the counts of no frame."""
    threshold = none.threshold
    pixel_tp, pixel_fp = count_pixels(scored.response, truth.pixels, threshold)
    targets = count_targets(scored, truth, threshold)
    counts = replace(
        none,
        frames=1,
        target_frames=int(len(truth.areas) > 0),
        pixels=scored.truth.size,
        target_pixels=len(truth.pixels),
        targets=len(truth.areas),
        pixel_tp=pixel_tp,
        pixel_fp=pixel_fp,
        own_iou=_own_iou(pixel_tp, pixel_fp, len(truth.pixels)),
        found=targets.found,
        target_tp=targets.matched,
        unmatched_px=targets.unmatched_px,
    )
    counts = _target_free(_by_difficulty(counts, scored, truth, targets.detected))
    by_score = within_5px(peak_steps(targets.sure, truth.points)) if scored.detections is None else None
    return FrameCounts(scored.name, counts, targets.highest_false_score, by_score)


def count_hse_2(scored: ScoredFrame, truth: Components) -> Ranked:
    """Count a checked frame for hse-2: its pixels and targets by rank."""
    response = scored.response if scored.peaks_response is None else scored.peaks_response
    peaks = scored.detections if scored.peaks is None else scored.peaks
    targets = component_steps(response, truth.points) if peaks is None else peak_steps(peaks, truth.points)
    return Ranked(float(response.min()), pixel_steps(response, truth.pixels), targets)


def _own_iou(tp: NDArray[np.int64], fp: NDArray[np.int64], target_pixels: int) -> NDArray[np.int64]:
    """(257,) the frame's own IoU in 2^-40; zeros without a true target, where it is undefined and never read."""
    if not target_pixels:
        return np.zeros_like(tp)
    return np.asarray(np.rint(tp / (fp + target_pixels) * IOU_UNIT), dtype=np.int64)


def _by_difficulty(counts: Counts, scored: ScoredFrame, truth: Components, detected: NDArray[np.bool_]) -> Counts:
    """`counts` with the true and the detected targets by size and, where grey levels are given, by local contrast."""
    sizes = truth.areas.astype(np.float64)
    counts = replace(
        counts,
        size_targets=by_class(sizes, SIZE_LIMITS_PX),
        size_detected=by_class(sizes[detected], SIZE_LIMITS_PX),
    )
    if scored.frame is None:
        return counts
    contrast = local_contrast(scored.frame, scored.truth, truth)
    return replace(
        counts,
        contrast_targets=by_class(contrast, CONTRAST_LIMITS),
        contrast_detected=by_class(contrast[detected], CONTRAST_LIMITS),
    )


def _target_free(counts: Counts) -> Counts:
    """One frame's `counts` with its false alarms counted apart where it holds no true target."""
    if counts.targets:
        return counts
    found = int(counts.found[AT_OPERATING])
    return replace(
        counts,
        free_pixels=counts.pixels,
        free_found=found,
        free_found_px=int(counts.unmatched_px[AT_OPERATING, -1]),
        free_alarmed=int(found > 0),
    )
