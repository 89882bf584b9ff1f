"""Histograms of target sizes and contrasts by split."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.curation.sheet import WIDTH_PX, Picture

Values = Mapping[str, NDArray[np.float64]]
"""A figure of each target, by split."""

# Okabe and Ito's blue, orange and green, which differ for every kind of colour vision.
_COLORS = ("#0072B2", "#E69F00", "#009E73")
_HEIGHT_PX, _DPI = 220, 100


@dataclass(frozen=True)
class Bins:
    """Bins of a figure.

    Attributes:
        title: name of the figure.
        edges: upper limits, inclusive; the last bin is open. They include the limits of the score's classes.
        step: difference between a limit and the next possible value.
    """

    title: str
    edges: Sequence[int]
    step: int

    def labels(self) -> list[str]:
        """Return the label of each bin."""
        inner = [f"{low + self.step}-{high}" for low, high in pairwise(self.edges)]
        return [f"up to {self.edges[0]}", *inner, f"over {self.edges[-1]}"]

    def shares(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return float64 (len(edges) + 1,), percent of the values in each bin, without NaN; zeros without values."""
        known = values[~np.isnan(values)]
        counts = np.bincount(np.searchsorted(self.edges, known, side="left"), minlength=len(self.edges) + 1)
        return np.asarray(100.0 * counts / max(len(known), 1))


AREA = Bins("target area, px", (4, 9, 20, 40, 81, 160), step=1)
CONTRAST = Bins("local contrast, in standard deviations of the surroundings", (1, 2, 4, 8, 12, 20), step=0)


def histograms(areas: Values, contrasts: Values) -> Picture:
    """Draw two charts side by side: the percentage of each split's targets in each bin."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure((WIDTH_PX / _DPI, _HEIGHT_PX / _DPI), _DPI, layout="constrained")
    for axes, bins, values in zip(figure.subplots(1, 2), (AREA, CONTRAST), (areas, contrasts), strict=True):
        draw_bars(axes, bins, values)
    pixels = io.BytesIO()
    figure.savefig(pixels, format="rgba")
    return np.frombuffer(pixels.getvalue(), dtype=np.uint8).reshape(_HEIGHT_PX, WIDTH_PX, 4)[..., :3]


def draw_bars(axes: Any, bins: Bins, values: Values) -> None:
    """Draw a group of bars a bin, one bar a split, on matplotlib's `axes`."""
    axes.set_title(bins.title, fontsize=9, loc="left")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_yticks([])
    labels, width = bins.labels(), 0.85 / max(len(values), 1)
    for index, (split, own) in enumerate(values.items()):
        shares = bins.shares(own)
        bars = axes.bar(np.arange(len(labels)) + index * width, shares, 0.9 * width, color=_COLORS[index], label=split)
        axes.bar_label(bars, [f"{share:.0f}" if share else "" for share in shares], fontsize=7)
    axes.set_xticks(np.arange(len(labels)) + 0.425 - width / 2, labels, fontsize=8)
    if not any(map(len, values.values())):
        axes.text(0.5, 0.5, "no target with a mask", transform=axes.transAxes, ha="center", fontsize=8)
    axes.legend(fontsize=8, frameon=False)
