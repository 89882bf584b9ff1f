"""The picture of what a score costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from irstd.evaluation.score_card import SPLITS
from irstd.metrics.headline import FIGURES
from irstd.report.results import SPLIT_TITLES, Result
from irstd.report.style import MUTED, color, legend, legend_height, marker, picture

if TYPE_CHECKING:
    from irstd.settings.gate import Budget  # a type alone: which values it allows decides no byte

_LINEAR_GMAC = 0.1  # the axis is linear below, so that what is untrained, at 0, has its place


def score_over_cost(results: Sequence[Result], budget: "Budget") -> bytes:
    """The figure that decides over GMAC, a panel a split; the stair joins those that none beats at less cost."""

    def draw(figure: Figure) -> None:
        for axes, split in zip(figure.subplots(1, 2, sharex=True, sharey=True), SPLITS, strict=True):
            _draw_split(axes, results, split, budget)
        legend(figure, {index: result.name for index, result in enumerate(results)})

    return picture((10.0, 3.9 + legend_height(len(results))), draw)


def _draw_split(axes: Axes, results: Sequence[Result], split: str, budget: "Budget") -> None:
    axes.set_xscale("symlog", linthresh=_LINEAR_GMAC, linscale=0.4)
    axes.set(title=SPLIT_TITLES[split], xlabel="GMAC at 512 × 512", ylabel=FIGURES[budget.figure].title, ylim=(0, 102))
    points = list[tuple[float, float]]()
    for index, result in enumerate(results):
        score = result.card.splits[split]
        value, interval = getattr(score, budget.figure), score.intervals.get(budget.figure)
        if value is None:
            continue
        scale, gmac = FIGURES[budget.figure].scale, result.card.gmac_512
        points.append((gmac, scale * value))
        if interval is not None:
            axes.plot((gmac, gmac), (scale * interval.low, scale * interval.high), color=color(index), linewidth=1.2)
        axes.plot(gmac, scale * value, color=color(index), marker=marker(index), markersize=8, linestyle="none")
    stair = frontier(points)
    axes.step([x for x, _ in stair], [y for _, y in stair], where="post", color=MUTED, linewidth=0.9, zorder=1)
    axes.axvline(budget.gmac, color=MUTED, linestyle=(0, (4, 3)), linewidth=0.9)
    axes.text(budget.gmac, 3, " budget", color=MUTED, fontsize=9)
    right = max([budget.gmac, *(x for x, _ in points)])
    ticks = [0.0, *(tick for tick in (0.1, 1.0, 10.0, 100.0, 1000.0) if tick <= 3 * right)]
    axes.set_xlim(-0.02, 3 * right)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def frontier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return those of (cost, score) that no other beats at the same or less cost, the cheapest first."""
    found = list[tuple[float, float]]()
    for cost, score in sorted(points, key=lambda point: (point[0], -point[1])):
        if not found or score > found[-1][1]:
            found.append((cost, score))
    return found
