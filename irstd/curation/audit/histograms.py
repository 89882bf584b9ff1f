"""Histograms of target sizes and contrasts by split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from irstd.curation.sheet import MUTED, WIDTH_PX, Color, Line, Picture, paper, write

Values = Mapping[str, NDArray[np.float64]]
"""A figure of each target, by split."""

# Okabe and Ito's blue, orange and green: they stay apart for every kind of colour vision.
_COLORS: Sequence[Color] = ((0, 114, 178), (230, 159, 0), (0, 158, 115))
_HEIGHT_PX, _FLOOR_PX, _BARS_PX = 196, 168, 112
_BETWEEN_PX = 36  # the two charts


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
    wide = (WIDTH_PX - _BETWEEN_PX) // 2
    return np.hstack(
        [_chart(AREA, areas, wide), paper(_HEIGHT_PX, WIDTH_PX - 2 * wide), _chart(CONTRAST, contrasts, wide)]
    )


def _chart(bins: Bins, values: Values, wide: int) -> Picture:
    chart = paper(_HEIGHT_PX, wide)
    write(chart, Line(bins.title), (0, 14))
    bars = {split: bins.shares(own) for split, own in values.items()}
    highest = max(float(own.max()) for own in bars.values())
    if not highest:
        write(chart, Line("no target with a mask", MUTED), (0, 60))
        return chart
    _legend(chart, list(bars))
    span = wide // (len(bins.edges) + 1)
    bar = (span - 14) // len(bars)
    for place, text in enumerate(bins.labels()):
        left, label = place * span + 7, Line(text, MUTED)
        write(chart, label, (left + (bar * len(bars) - label.width) // 2, _FLOOR_PX + 18))
        for index, own in enumerate(bars.values()):
            high = round(_BARS_PX * own[place] / highest)
            _bar(chart, (left + index * bar, bar - 2, high), _COLORS[index], f"{own[place]:.0f}" if own[place] else "")
    chart[_FLOOR_PX] = 170
    return chart


def _bar(chart: Picture, box: tuple[int, int, int], color: Color, text: str) -> None:
    """Draw a bar of `box` (left, width, height) with its number above."""
    left, wide, high = box
    chart[_FLOOR_PX - high : _FLOOR_PX, left : left + wide] = color
    number = Line(text, MUTED, 0.36)
    write(chart, number, (left + (wide - number.width) // 2, _FLOOR_PX - high - 4))


def _legend(chart: Picture, splits: Sequence[str]) -> None:
    """Draw the splits' colours at the right end of the title's line."""
    left = chart.shape[1]
    for index, split in reversed(list(enumerate(splits))):
        name = Line(split, MUTED)
        left -= name.width + 28
        chart[5:14, left : left + 9] = _COLORS[index]
        write(chart, name, (left + 14, 14))
