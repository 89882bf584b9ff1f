"""A drift, drawn: a panel a statistic, with the shares of known and new scenes below each value."""

import math
import textwrap
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from irstd.drift.compare import Drift, Shift
from irstd.drift.figures import LABELS, Measured
from irstd.settings.drift import DriftRule

_KNOWN, _SAME, _MOVED, _MUTED = "#8C979F", "#0072B2", "#D55E00", "#666666"
_COLUMNS, _LINE = 3, 130

Known = Mapping[str, NDArray[np.float64]]


def picture_size(drift: Drift) -> tuple[float, float]:
    """(width, height) in inches that `draw_drift` wants."""
    return 10.0, 1.5 + 2.7 * math.ceil(len(drift.shifts) / _COLUMNS)


def draw_drift(figure: Figure, drift: Drift, samples: tuple[Known, Measured], rule: DriftRule) -> None:
    """Draw `drift` of the known and new `samples` on an empty figure."""
    known, new = samples
    rows = math.ceil(len(drift.shifts) / _COLUMNS)
    panels = figure.subplots(rows, _COLUMNS, sharey=True, squeeze=False).ravel()
    for axes, shift in zip(panels, drift.shifts, strict=False):
        _draw(axes, shift, known[shift.statistic], new.values[shift.statistic])
    for axes in panels[len(drift.shifts) :]:
        axes.set_axis_off()
    for row in range(rows):
        panels[row * _COLUMNS].set_ylabel("share of scenes below")
    figure.suptitle(_title(drift), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    figure.supxlabel(
        f"grey: known scenes · colour: {drift.scenes} new scenes ({drift.frames} frames) · dashed, and the number: the "
        f"distance (and the most that chance gives)\n{textwrap.fill(str(rule), _LINE)}",
        x=0.01,
        ha="left",
        fontsize=9,
        color=_MUTED,
    )


def _title(drift: Drift) -> str:
    if drift.advised is None:
        return "Too few new scenes to tell a drift"
    moved = [shift.statistic for shift in drift.shifts if shift.moved]
    return f"Retraining is advised: {', '.join(moved)} moved" if moved else "No drift: new scenes look like known ones"


def _draw(axes: Axes, shift: Shift, known: NDArray[np.float64], new: NDArray[np.float64]) -> None:
    ink = _MOVED if shift.moved else _SAME
    axes.ecdf(known, color=_KNOWN, linewidth=2.4)
    axes.ecdf(new, color=ink, linewidth=1.8)
    low, high, place = _widest(known, new)
    axes.plot([place, place], [low, high], color=ink, linewidth=1.2, linestyle=(0, (2, 1.2)))
    told = "too few scenes" if shift.chance is None else f"chance {shift.chance:.2f}"
    axes.set_title(
        f"{shift.statistic}   {shift.distance:.2f} ({told})", color=ink if shift.moved else "black", fontsize=10.5
    )
    axes.set(xlabel=LABELS[shift.statistic], ylim=(-0.02, 1.02))
    axes.margins(x=0.04)


def _widest(known: NDArray[np.float64], new: NDArray[np.float64]) -> tuple[float, float, float]:
    """The two shares where they lie farthest apart, and the value there."""
    values = np.concatenate([known, new])
    one, two = (np.searchsorted(np.sort(each), values, side="right") / len(each) for each in (known, new))
    at = int(np.abs(one - two).argmax())
    return float(one[at]), float(two[at]), float(values[at])
