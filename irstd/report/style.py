"""The style of the pictures; the same drawing gives the same bytes."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

# Okabe and Ito's colours, which stay apart for every kind of colour vision, without the yellow that white drowns.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MUTED = "#666666"

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "savefig.dpi": 120,
}
LEGEND_COLUMNS = 6


def picture(size: tuple[float, float], draw: Callable[[Figure], None]) -> bytes:
    """The PNG of a figure of `size` (width, height) in inches; the same drawing gives the same bytes."""
    with matplotlib.style.context(["default", _STYLE]):  # regardless of the user's matplotlibrc
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def color(index: int) -> str:
    """The colour of the variant at that place of the table."""
    return COLORS[index % len(COLORS)]


def marker(index: int) -> str:
    """The marker of that variant; it changes where the colours repeat."""
    return MARKERS[(index + index // len(COLORS)) % len(MARKERS)]


def legend(figure: Figure, names: Mapping[int, str], *, filled: bool = False) -> None:
    """The variants' names by their places, above the panels, each with its line and marker, or (filled) its patch."""
    if filled:
        handles: list[Any] = [Patch(color=color(index), label=name) for index, name in names.items()]
    else:
        handles = [
            Line2D([], [], color=color(index), marker=marker(index), label=name) for index, name in names.items()
        ]
    figure.legend(handles=handles, loc="outside upper left", ncols=LEGEND_COLUMNS, frameon=False)


def legend_height(count: int) -> float:
    """Return the height in inches of a legend of so many variants."""
    return 0.25 * -(-count // LEGEND_COLUMNS)
