"""The pictures of the report, each a PNG's bytes; None where there is nothing to show."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from irstd.evaluation.score_card import SPLITS, SplitScore
from irstd.metrics.figures import ClassFigures
from irstd.metrics.headline import FIGURES
from irstd.metrics.thresholds import DISTANCES_PX, TARGET_CONFIDENCES
from irstd.report.results import SPLIT_TITLES, Result
from irstd.report.style import COLORS, MUTED, color, legend, legend_height, marker, picture

_INKS = ("#C3CAD1", "#8C979F", "#22303C")  # none of the variants' colours
_NO_TARGET = "no true target in this split"


def score_parts(results: Sequence[Result], whole: str) -> bytes:
    """Bars of a score, `hse` or `hse_2`, and its two parts, a group a variant, a panel a split."""
    parts = ("ap_pixel", "ap_target", whole) if whole == "hse_2" else ("pixel", "target", whole)

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, split in zip(panels, SPLITS, strict=True):
            for offset, (part, ink) in enumerate(zip(parts, _INKS, strict=True)):
                places = [index + 0.27 * (offset - 1) for index in range(len(results))]
                values = [_hundredfold(result.card.splits[split], part) for result in results]
                axes.barh(places, [value or 0.0 for value in values], 0.24, color=ink)
                for place, value in zip(places, values, strict=True):
                    shown = "undefined" if value is None else f"{value:.1f}"
                    text = f"{shown} {FIGURES[part].title}"
                    axes.text((value or 0.0) + 1.2, place, text, va="center", fontsize=9.5, color="#333333")
            axes.set(title=SPLIT_TITLES[split], xlim=(0, 119), xticks=range(0, 101, 20), xlabel="score, 100 is best")
            axes.set_yticks(range(len(results)), [result.name for result in results], fontweight="bold")
            axes.grid(axis="y", visible=False)
            axes.tick_params(axis="y", length=0)
        panels[0].invert_yaxis()

    return picture((10.0, 1.4 + 0.95 * len(results)), draw)


def _hundredfold(score: SplitScore, part: str) -> float | None:
    value = getattr(score, part)
    return None if value is None else float(value) * FIGURES[part].scale


def f1_surface(result: Result) -> bytes:
    """F1 of one variant over confidence and matching distance, a panel a split."""

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        for axes, split in zip(figure.subplots(1, 2), SPLITS, strict=True):
            axes.set(title=SPLIT_TITLES[split], xlabel="distance, px", ylabel="confidence")
            f1 = result.surface[split]["f1"]
            if f1 is None:
                _say(axes, _NO_TARGET)
                continue
            grid = np.array(f1, dtype=np.float64)
            axes.imshow(grid, cmap="cividis", vmin=0.0, vmax=1.0, aspect="auto", origin="lower")
            for (row, column), value in np.ndenumerate(grid):
                ink = "black" if value > 0.55 else "white"
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=9.5, color=ink)
            axes.set_xticks(range(len(DISTANCES_PX)), [str(each) for each in DISTANCES_PX])
            axes.set_yticks(range(len(TARGET_CONFIDENCES)), [f"{each:.1f}" for each in TARGET_CONFIDENCES])
            axes.grid(visible=False)
            _mark_threshold(axes, result.card.splits[split].operating_threshold)

    return picture((9.0, 4.4), draw)


def _mark_threshold(axes: Axes, threshold: float) -> None:
    """An arrow at the right of the surface, where the operating threshold lies between its rows."""
    row = float(threshold) * 10 - 1
    if -0.5 <= row <= 8.5:
        axes.annotate(
            f"{threshold:.2f}\noperating",
            (4.5, row),
            xytext=(14, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=COLORS[1],
            arrowprops={"arrowstyle": "-|>", "color": COLORS[1]},
            annotation_clip=False,
        )


def pd_over_fa(results: Sequence[Result]) -> bytes:
    """Pd over Fa at the nine confidences, 5 px; the operating point is ringed."""

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, split in zip(panels, SPLITS, strict=True):
            axes.set_xscale("symlog", linthresh=1.0, linscale=0.4)
            axes.set(title=SPLIT_TITLES[split], ylim=(-0.03, 1.05), xlabel="Fa, px a megapixel (1e-6)", ylabel="Pd")
            drawn = [_pd_fa_line(axes, result, split, index) for index, result in enumerate(results)]
            if not any(drawn):
                _say(axes, _NO_TARGET)
        panels[0].set_xlim(left=-0.15)
        legend(figure, _names(results))

    return picture((10.0, 4.3 + legend_height(len(results))), draw)


def _pd_fa_line(axes: Axes, result: Result, split: str, index: int) -> bool:
    surface, score = result.surface[split], result.card.splits[split]
    if surface["pd"] is None:
        return False
    fa = [row[-1] for row in surface["fa_per_mpx"]]
    pd = [row[-1] for row in surface["pd"]]
    axes.plot(fa, pd, color=color(index), marker=marker(index), clip_on=False)
    operating = (score.fa_per_mpx or 0.0, score.pd or 0.0)
    axes.plot(*operating, marker="o", markersize=12, markerfacecolor="none", markeredgecolor="black", clip_on=False)
    return True


def iou_over_confidence(results: Sequence[Result]) -> bytes:
    """IoU (drawn through) and nIoU (dashed) over the 255 confidences."""

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        panels = figure.subplots(1, 2, sharey=True)
        grid = np.arange(1, 256) / 255.0
        for axes, split in zip(panels, SPLITS, strict=True):
            axes.set(title=SPLIT_TITLES[split], xlabel="confidence", ylabel="IoU, nIoU (dashed)")
            axes.set(xlim=(0, 1), ylim=(0, 1))
            drawn = [(index, each.surface[split]) for index, each in enumerate(results)]
            drawn = [(index, surface) for index, surface in drawn if surface["iou"] is not None]
            for index, surface in drawn:
                own = {"color": color(index), "marker": marker(index), "markevery": (8 + 3 * index, 51)}
                axes.plot(grid, surface["iou"], **own)
                axes.plot(grid, surface["niou"], color=color(index), linestyle=(0, (4, 2)), linewidth=1.2)
            if not drawn:
                _say(axes, _NO_TARGET)
        legend(figure, _names(results))

    return picture((10.0, 4.0 + legend_height(len(results))), draw)


def reliability(results: Sequence[Result]) -> bytes | None:
    """Share of hits over the score, raw and calibrated, a panel a split; None where no result tells."""
    told = [(index, each) for index, each in enumerate(results) if "reliability" in each.surface[SPLITS[0]]]
    if not told:
        return None

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        for axes, split in zip(figure.subplots(1, 2, sharey=True), SPLITS, strict=True):
            axes.set(title=SPLIT_TITLES[split], xlabel="score", ylabel="share of hits", xlim=(0, 1), ylim=(-0.03, 1.03))
            axes.plot((0, 1), (0, 1), color=MUTED, linewidth=0.8)
            for index, result in told:
                both = result.surface[split]["reliability"]
                for kind, line in (("raw", (0, (4, 2))), ("calibrated", "-")):
                    bins = both[kind]["bins"]
                    own = {"color": color(index), "marker": marker(index), "linestyle": line}
                    own |= {"markerfacecolor": "white"} if kind == "raw" else {}
                    axes.plot([each["score"] for each in bins], [each["share"] for each in bins], **own)
        legend(figure, {index: result.name for index, result in told})

    return picture((10.0, 4.3 + legend_height(len(told))), draw)


def learning_curves(results: Sequence[Result], decides: str) -> bytes | None:
    """Training loss and the figure `decides` on validation over the steps of each fit; None where there is none."""
    trained = [(index, each.name, each.curve) for index, each in enumerate(results) if each.curve is not None]
    trained = [(index, name, curve) for index, name, curve in trained if len(curve) > 1]
    if not trained:
        return None

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        loss, score = figure.subplots(1, 2)
        loss.set(title="training loss", xlabel="step", yscale="log")
        score.set(title=f"{FIGURES[decides].title} on validation", xlabel="step")
        for axes, column in ((loss, "loss"), (score, decides)):
            for index, _, curve in trained:
                points = curve.reindex(columns=["step", column]).dropna()
                axes.plot(points["step"], points[column], color=color(index), marker=marker(index))
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        loss.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        loss.yaxis.set_major_formatter(lambda value, _place: f"{value:g}")
        loss.yaxis.set_minor_locator(NullLocator())
        legend(figure, {index: name for index, name, _ in trained})

    return picture((10.0, 3.6 + legend_height(len(trained))), draw)


def pd_by_difficulty(results: Sequence[Result]) -> bytes:
    """Pd at the operating threshold and 5 px by the size and by the local contrast of the true targets."""

    def draw(figure: Figure) -> None:
        """Draw the panels on `figure`."""
        panels = figure.subplots(2, 2, sharey=True)
        for row, split in zip(panels, SPLITS, strict=True):
            for axes, (kind, name) in zip(row, (("by_size", "size"), ("by_contrast", "contrast")), strict=True):
                axes.set(title=f"by {name}, {SPLIT_TITLES[split]}", ylim=(0, 1.05))
                _pd_bars(axes, [getattr(result.card.splits[split], kind) for result in results])
            row[0].set_ylabel("Pd")
        legend(figure, _names(results), filled=True)

    return picture((10.0, 6.2 + legend_height(len(results))), draw)


def _pd_bars(axes: Axes, classes: Sequence[Mapping[str, ClassFigures]]) -> None:
    names = sorted((name for name, own in classes[0].items() if own.targets), key=_class_order)
    if not names:
        axes.set_xticks([])
        _say(axes, _NO_TARGET)
        return
    width = 0.8 / len(classes)
    for index, own in enumerate(classes):
        for place, name in enumerate(names):
            share = own[name].pd
            left = place + (index - (len(classes) - 1) / 2) * width
            if share is not None:
                axes.bar(left, share, 0.92 * width, color=color(index))
                if len(classes) <= 4:
                    axes.text(left, share + 0.01, f"{share:.2f}", ha="center", fontsize=8.5, color=MUTED)
    counts = [classes[0][name].targets for name in names]
    labels = [f"{_class_title(n)}\n{c} target{'' if c == 1 else 's'}" for n, c in zip(names, counts, strict=True)]
    axes.set_xticks(range(len(names)), labels)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.grid(axis="x", visible=False)
    axes.tick_params(axis="x", length=0)


def _class_order(name: str) -> tuple[bool, float]:
    kind, *_, limit, _unit = name.split("_")
    return (kind == "over", float(limit))


def _class_title(name: str) -> str:
    *_, limit, unit = name.split("_")
    shown = "σ" if unit == "sigma" else f" {unit}"
    return f"{'over' if name.startswith('over') else 'up to'} {limit}{shown}"


def _names(results: Sequence[Result]) -> dict[int, str]:
    return {index: result.name for index, result in enumerate(results)}


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED)
