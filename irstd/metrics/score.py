"""The scores hse-1 and hse-2 and everything reported beside them, from pooled counts.

HSE is named in the FDEP abstract as a multi-threshold integral at pixel-level confidence and target-level robustness;
its formula is not public, so the definitions and their constants are ours (docs/hse.md) and carry the names `hse-1`
and `hse-2`.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX
from irstd.metrics import formulas
from irstd.metrics.counts import Counts
from irstd.metrics.figures import (
    ClassFigures,
    PixelFigures,
    TargetFigures,
    TargetFreeFigures,
    class_figures,
    pd_fa_auc,
    pixel_figures,
    target_figures,
    target_free_figures,
)
from irstd.metrics.ranked_figures import ranked_figures
from irstd.metrics.thresholds import AT_HALF, AT_OPERATING, PIXEL_GRID, TARGET_GRID

DEFINITION = "hse-1"

Row = tuple[float, ...]


@dataclass(frozen=True)
class Surface:
    """The curves that the score is the mean of; None where the set holds no true target, or no pixel.

    Attributes:
        iou, niou: 255 values in [0, 1], at the confidences k/255, k = 1 to 255.
        f1, pd: nine rows (confidence 0.1 to 0.9) of five values in [0, 1] (distance 1 to 5 px).
        fa_per_mpx: likewise, area of unmatched found targets in px a megapixel.
    """

    iou: Row | None
    niou: Row | None
    f1: tuple[Row, ...] | None
    pd: tuple[Row, ...] | None
    fa_per_mpx: tuple[Row, ...] | None


@dataclass(frozen=True)
class ScoreFigures:
    """The figures of a score. None where undefined: without a true target in the whole set only Fa is defined.

    Attributes:
        definition: `hse-1`, that of `hse`, `pixel` and `target`.
        hse: 100 · (pixel + target) / 2, in [0, 100]; best 100.
        pixel: (a_iou + a_niou) / 2, in [0, 1].
        target: mean of F1 over nine confidences and five distances, in [0, 1].
        a_iou, a_niou: means of IoU and nIoU over the 255 confidences, in [0, 1].
        operating_threshold: threshold of the operating figures.
        f1, precision, pd, fa_per_mpx: those of `at_5px`; Pd is the recall of targets.
        at_half, at_operating: pixel figures at 0.5 and at the operating threshold.
        at_3px, at_5px: target figures at the operating threshold.
        pd_fa_auc: mean of the best Pd (5 px) within a budget of Fa, over budgets of 0 to 100 px a megapixel.
        target_free: false alarms at the operating threshold on frames without a target.
        by_size, by_contrast: true targets and their Pd at the operating threshold and 5 px; by_contrast counts the
            targets of frames whose grey levels were given.
        frames, target_frames, targets, pixels: size of the scored set.
        hse_2: hse-2 = 100 · (ap_pixel + ap_target) / 2, in [0, 100], best 100; None also where the counts were stored
            by an irstd without it.
        ap_pixel: average precision of the pixels, in [0, 1].
        ap_target: mean over 1 to 5 px of the average precision of the targets, in [0, 1].
    """

    definition: str
    hse: float | None
    pixel: float | None
    target: float | None
    a_iou: float | None
    a_niou: float | None
    operating_threshold: float
    f1: float | None
    precision: float | None
    pd: float | None
    fa_per_mpx: float | None
    at_half: PixelFigures
    at_operating: PixelFigures
    at_3px: TargetFigures
    at_5px: TargetFigures
    pd_fa_auc: float | None
    target_free: TargetFreeFigures
    by_size: dict[str, ClassFigures]
    by_contrast: dict[str, ClassFigures]
    frames: int
    target_frames: int
    targets: int
    pixels: int
    hse_2: float | None = field(default=None, kw_only=True)
    ap_pixel: float | None = field(default=None, kw_only=True)
    ap_target: float | None = field(default=None, kw_only=True)
    iou: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Score(ScoreFigures):
    """The figures of a score with the `surface` that they are means of."""

    surface: Surface

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, numbers and None, ready for JSON."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def score_of(counts: Counts) -> Score:
    """Return the score of pooled `counts`."""
    surface = _surface(counts)
    a_iou, a_niou, target = _mean(surface.iou), _mean(surface.niou), _mean(surface.f1)
    pixel = None if a_iou is None or a_niou is None else formulas.pixel_part(a_iou, a_niou)
    at_5px = target_figures(counts, 5)
    return Score(
        definition=DEFINITION,
        hse=None if pixel is None or target is None else formulas.hse(pixel, target),
        pixel=pixel,
        target=target,
        a_iou=a_iou,
        a_niou=a_niou,
        operating_threshold=counts.threshold,
        f1=at_5px.f1,
        precision=at_5px.precision,
        pd=at_5px.recall,
        fa_per_mpx=at_5px.fa_per_mpx,
        at_half=pixel_figures(counts, AT_HALF),
        at_operating=pixel_figures(counts, AT_OPERATING),
        at_3px=target_figures(counts, 3),
        at_5px=at_5px,
        pd_fa_auc=pd_fa_auc(counts),
        target_free=target_free_figures(counts),
        by_size=class_figures(SIZE_LIMITS_PX, "px", counts.size_targets, counts.size_detected),
        by_contrast=class_figures(CONTRAST_LIMITS, "sigma", counts.contrast_targets, counts.contrast_detected),
        frames=counts.frames,
        target_frames=counts.target_frames,
        targets=counts.targets,
        pixels=counts.pixels,
        surface=surface,
        iou=pixel_figures(counts, AT_OPERATING).iou,
        **asdict(ranked_figures(counts)),
    )


def _surface(c: Counts) -> Surface:
    fa = _rows(formulas.per_mpx(c.unmatched_px[TARGET_GRID], c.pixels)) if c.pixels else None
    if not c.targets:
        return Surface(iou=None, niou=None, f1=None, pd=None, fa_per_mpx=fa)
    hits = c.target_tp[TARGET_GRID]
    return Surface(
        iou=tuple(formulas.iou(c.pixel_tp, c.pixel_fp, c.target_pixels)[PIXEL_GRID].tolist()),
        niou=tuple(formulas.niou(c.own_iou, c.target_frames)[PIXEL_GRID].tolist()),
        f1=_rows(formulas.f1(hits, c.found[TARGET_GRID, None], c.targets)),
        pd=_rows(hits / c.targets),
        fa_per_mpx=fa,
    )


def _rows(grid: NDArray[np.float64]) -> tuple[Row, ...]:
    return tuple(tuple(row) for row in grid.tolist())


def _mean(values: Row | tuple[Row, ...] | None) -> float | None:
    return None if values is None else float(np.mean(values))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
