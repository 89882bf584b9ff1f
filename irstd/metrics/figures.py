"""The figures of a score, from pooled counts. None where undefined: without a true target only Fa is defined."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.labels.contrast import class_names
from irstd.metrics import formulas
from irstd.metrics.counts import Counts
from irstd.metrics.thresholds import AT_OPERATING, DISTANCES_PX, TARGET_GRID

# Fa budgets that the area under Pd over Fa spans [ours]: about one false alarm of 7 px in every 256×256 frame.
AUC_FA_PER_MPX = 100.0


@dataclass(frozen=True)
class PixelFigures:
    """Pixel figures at one confidence, in [0, 1], best 1.

    Attributes:
        iou, precision, recall, f1: of the pixels of all frames pooled.
        niou: mean of the frames' own IoU over the frames with a true target.
    """

    iou: float | None
    niou: float | None
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class TargetFigures:
    """Target figures at the operating threshold and one matching distance.

    Attributes:
        tp, fp, fn: targets matched, false alarms, targets missed.
        precision, recall, f1: in [0, 1], best 1; the recall is Pd.
        fa_per_mpx: area of the unmatched found targets in px a megapixel (Fa · 1e6).
        fa_points_per_100mpx: unmatched found targets a hundred megapixels (SPIRE's Fa · 1e8).
    """

    tp: int
    fp: int
    fn: int
    precision: float | None
    recall: float | None
    f1: float | None
    fa_per_mpx: float | None
    fa_points_per_100mpx: float | None


@dataclass(frozen=True)
class TargetFreeFigures:
    """False alarms at the operating threshold on frames without a true target.

    Attributes:
        frames, alarmed_frames: such frames, and how many of them have a false alarm.
        false_alarms: found targets in them.
        fa_per_mpx: their area in px a megapixel of such frames; None without such frames.
    """

    frames: int
    alarmed_frames: int
    false_alarms: int
    fa_per_mpx: float | None


@dataclass(frozen=True)
class ClassFigures:
    """True targets of one class, those detected, and their share; None where the class is empty."""

    targets: int
    detected: int
    pd: float | None


def pixel_figures(c: Counts, place: int) -> PixelFigures:
    """Return the pixel figures at one `place` of the pixel threshold axis."""
    if not c.targets:
        return PixelFigures(iou=None, niou=None, precision=None, recall=None, f1=None)
    tp, fp = int(c.pixel_tp[place]), int(c.pixel_fp[place])
    return PixelFigures(
        iou=formulas.iou(tp, fp, c.target_pixels),
        niou=formulas.niou(int(c.own_iou[place]), c.target_frames),
        precision=_share(tp, tp + fp),
        recall=tp / c.target_pixels,
        f1=formulas.f1(tp, tp + fp, c.target_pixels),
    )


def target_figures(c: Counts, distance_px: int) -> TargetFigures:
    """Return the target figures at the operating threshold and a distance of the grid."""
    place = (AT_OPERATING, DISTANCES_PX.index(distance_px))
    tp, found = int(c.target_tp[place]), int(c.found[AT_OPERATING])
    return TargetFigures(
        tp=tp,
        fp=found - tp,
        fn=c.targets - tp,
        precision=_share(tp, found) if c.targets else None,
        recall=_share(tp, c.targets),
        f1=formulas.f1(tp, found, c.targets) if c.targets else None,
        fa_per_mpx=_per_mpx(int(c.unmatched_px[place]), c.pixels),
        fa_points_per_100mpx=_share((found - tp) * 100_000_000, c.pixels),
    )


def target_free_figures(c: Counts) -> TargetFreeFigures:
    """Return the false alarms on frames without a true target."""
    return TargetFreeFigures(
        frames=c.frames - c.target_frames,
        alarmed_frames=c.free_alarmed,
        false_alarms=c.free_found,
        fa_per_mpx=_per_mpx(c.free_found_px, c.free_pixels),
    )


def class_figures(
    limits: tuple[float, ...], unit: str, targets: NDArray[np.int64], detected: NDArray[np.int64]
) -> dict[str, ClassFigures]:
    """Return the figures of each class by its name."""
    return {
        name: ClassFigures(targets=total, detected=hits, pd=_share(hits, total))
        for name, total, hits in zip(class_names(limits, unit), targets.tolist(), detected.tolist(), strict=True)
    }


def pd_fa_auc(c: Counts) -> float | None:
    """Return the best Pd (5 px) within a budget of Fa, mean over budgets of 0 to 100 px a megapixel; in [0, 1], best 1.

    Over the nine confidences of hse-1, as a step function, because no threshold gives a Pd in between. The budget is
    bounded, because over all of [0, 1] every detector comes near to 1. Ours; None without a true target.
    """
    if not c.targets:
        return None
    fa = formulas.per_mpx(c.unmatched_px[TARGET_GRID, -1], c.pixels)
    pd = c.target_tp[TARGET_GRID, -1] / c.targets
    order = np.lexsort((pd, fa))
    best = np.maximum.accumulate(np.concatenate([[0.0], pd[order]]))
    edges = np.concatenate([[0.0], np.minimum(fa[order], AUC_FA_PER_MPX), [AUC_FA_PER_MPX]])
    return float((best * np.diff(edges)).sum() / AUC_FA_PER_MPX)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _per_mpx(area_px: int, pixels: int) -> float | None:
    return formulas.per_mpx(area_px, pixels) if pixels else None
