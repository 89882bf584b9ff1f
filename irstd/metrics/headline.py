"""The headline figures of a score: one list for DVC, MLflow, reports, model cards and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from irstd.metrics import formulas
from irstd.metrics.interval import Interval, number, with_interval
from irstd.metrics.thresholds import AT_OPERATING, PIXEL_GRID, TARGET_GRID

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A headline figure.

    Attributes:
        id: its name in `Score`, score.json, hse.json and MLflow.
        title: its name in tables.
        digits: decimals of its value and of the ends of its interval.
        unit: of its value; empty for a score or a share.
        better: which values are better.
        scale: factor from a score to points of 0 to 100.
    """

    id: str
    title: str
    digits: tuple[int, int] = (3, 3)
    unit: str = ""
    better: Literal["high", "low"] = "high"
    scale: float = 1.0

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def shown(self, value: float | None) -> str:
        """Write the value as tables have it."""
        return number(value, self.digits[0])

    def with_interval(
        self, value: float | None, interval: Interval | None, *, gap: str = " ", signed: bool = False
    ) -> str:
        """Write the value and its interval as tables have them, or (signed) a difference of two values."""
        return with_interval(value, interval, self.digits, gap=gap, signed=signed)


HEADLINE = (
    Figure("hse", "HSE", digits=(2, 1)),
    Figure("hse_2", "HSE-2", digits=(2, 1)),
    Figure("pixel", "pixel", scale=100.0),
    Figure("target", "target", scale=100.0),
    Figure("ap_pixel", "AP pixel", scale=100.0),
    Figure("ap_target", "AP target", scale=100.0),
    Figure("precision", "P"),
    Figure("pd", "R = Pd"),
    Figure("f1", "F1"),
    Figure("iou", "IoU"),
    Figure("fa_per_mpx", "Fa", digits=(1, 1), unit="px/Mpx", better="low"),
)
"""Every headline figure, in the order of the report's columns."""

FIGURES: Mapping[str, Figure] = {figure.id: figure for figure in HEADLINE}
FITS = tuple(FIGURES[name] for name in ("hse", "hse_2", "precision", "pd", "f1", "iou"))
"""The figures that are shown of several fits of one variant."""
BRIEF = tuple(FIGURES[name] for name in ("hse", "hse_2", "f1", "pd", "fa_per_mpx"))
"""The figures of tables that have room for few."""
BRACKETED = ("hse", "hse_2", "f1")
"""The figures that tables of all variants show with their interval."""


def headline(score: object) -> dict[str, float | None]:
    """Return the headline figures of a `Score` by id."""
    return {figure.id: getattr(score, figure.id) for figure in HEADLINE}


def resampled_headline(c: Mapping[str, Values], *, defined: bool) -> dict[str, Values]:
    """Return the headline figures of r resamples but those of hse-2, each float64 (r,) by id.

    Args:
        c: their pooled counts by the names of `Counts`, each float64 (r, …).
        defined: True if there is a true target; else Fa alone is returned. NaN where one resample has no value.
    """
    operating = (slice(None), AT_OPERATING)
    fa = formulas.per_mpx(c["unmatched_px"][*operating, -1], c["pixels"])
    if not defined:
        return {"fa_per_mpx": fa}
    tp, found, true = c["target_tp"][*operating, -1], c["found"][operating], c["targets"]
    tps, fps = c["pixel_tp"][:, PIXEL_GRID], c["pixel_fp"][:, PIXEL_GRID]
    iou = formulas.iou(tps, fps, c["target_pixels"][:, None])
    niou = formulas.niou(c["own_iou"][:, PIXEL_GRID], c["target_frames"][:, None])
    f1 = formulas.f1(c["target_tp"][:, TARGET_GRID], c["found"][:, TARGET_GRID, None], true[:, None, None])
    pixel, target = formulas.pixel_part(iou.mean(axis=-1), niou.mean(axis=-1)), f1.mean(axis=(-2, -1))
    return {
        "hse": formulas.hse(pixel, target),
        "pixel": pixel,
        "target": target,
        "precision": np.divide(tp, found, out=np.full(len(tp), np.nan), where=found > 0),
        "pd": tp / true,
        "f1": formulas.f1(tp, found, true),
        "iou": formulas.iou(c["pixel_tp"][operating], c["pixel_fp"][operating], c["target_pixels"]),
        "fa_per_mpx": fa,
    }
