"""The picture of a drift: for each statistic a panel with the shares of known and new scenes below each value."""

import math
import textwrap
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import ecdf, ks_2samp

from irstd.drift.compare import Drift, Shift, Values
from irstd.drift.figures import LABELS, Measured
from irstd.settings.drift import DriftRule

_KNOWN, _SAME, _MOVED, _MUTED = "#8C979F", "#0072B2", "#D55E00", "#666666"
_COLUMNS, _LINE = 3, 130

Known = Mapping[str, Values]


def picture_size(drift: Drift) -> tuple[float, float]:
    """Return the (width, height) in inches that `draw_drift` needs."""
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


def _draw(axes: Axes, shift: Shift, known: Values, new: Values) -> None:
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


def _widest(known: Values, new: Values) -> tuple[float, float, float]:
    """Return the two shares where they lie farthest apart, and the value there."""
    at = float(ks_2samp(known, new, method="asymp").statistic_location)
    one, two = (float(ecdf(each).cdf.evaluate([at])[0]) for each in (known, new))
    return one, two, at
