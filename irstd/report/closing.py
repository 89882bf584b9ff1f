"""The closing table of a run: cost, test scores and the gate's verdict of each variant."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from irstd.evaluation.score_card import ScoreCard
from irstd.metrics.headline import BRIEF
from irstd.metrics.interval import number, with_interval

# Decimals of value and ends; fewer than in the report, so that the table fits 120 columns.
_DIGITS = {"hse": (1, 0), "hse_2": (1, 0), "f1": (3, 2)}
_COST = ("M par.", "GMAC", "ms/frame")
_VERDICT, _LEAST_VERDICT = "promoted, or why not", 24  # columns that a verdict needs at least


@dataclass(frozen=True)
class Judged:
    """A variant or reference of the closing table.

    Attributes:
        card: its score card.
        champion: True if it is champion.
        verdict: the verdict of the gate.
        latency_ms: of a frame; None for a reference, which is not measured.
    """

    card: ScoreCard
    champion: bool
    verdict: str
    latency_ms: float | None


def closing_table(title: str, rows: Sequence[Judged], decides: str, width: int) -> RenderableType:
    """Return the scores on test at each row's operating threshold as a table, nothing of which is ever cut off.

    There is room for two intervals, that of F1 and that of the figure whose id is `decides`, and for one ceiling,
    that of the score which decides or whose part does. Where the terminal has too few columns (`width`) for the table,
    each row is a paragraph.
    """
    whole = "hse_2" if decides == "hse_2" else "hse"
    headings, cells = _headings(whole), [_cells(row, (decides, "f1"), whole) for row in rows]
    figures = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)][:-1]
    if sum(figures) + len(figures) + 2 + _LEAST_VERDICT > width:  # a blank behind each column, and at both ends
        return _paragraphs(title, headings, cells, rows)
    return _table(title, headings, cells, rows)


def _paragraphs(
    title: str, headings: Sequence[str], cells: Sequence[Sequence[str]], rows: Sequence[Judged]
) -> RenderableType:
    parts: list[RenderableType] = [Text(title, style="bold", overflow="fold")]
    for own, row in zip(cells, rows, strict=True):
        name, *figures, verdict = own
        shown = ", ".join(f"{heading} {cell}" for heading, cell in zip(headings[1:-1], figures, strict=True))
        parts.append(Text(f"\n{name}", style=f"bold {_style(row) or ''}".strip(), overflow="fold"))
        parts += [Padding(Text(line, overflow="fold"), (0, 0, 0, 2)) for line in (shown, verdict)]
    return Group(*parts)


def _style(row: Judged) -> str | None:
    return "dim" if row.card.reference else "green" if row.champion else None


def _headings(whole: str) -> list[str]:
    figures = [
        name for figure in BRIEF for name in ((figure.title, "ceiling") if figure.id == whole else (figure.title,))
    ]
    return ["variant", *figures, *_COST, _VERDICT]


def _table(title: str, headings: Sequence[str], cells: Sequence[Sequence[str]], rows: Sequence[Judged]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=0)
    table.add_column(headings[0], style="bold", no_wrap=True)
    for name in headings[1:-1]:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(headings[-1], min_width=_LEAST_VERDICT, overflow="fold")
    for own, row in zip(cells, rows, strict=True):
        table.add_row(*map(Text, own), style=_style(row))
    return table


def _cells(row: Judged, bracketed: Sequence[str], whole: str) -> list[str]:
    card, score, figures = row.card, row.card.test, list[str]()
    for figure in BRIEF:
        interval = score.intervals.get(figure.id) if figure.id in bracketed else None
        figures.append(with_interval(getattr(score, figure.id), interval, _DIGITS.get(figure.id, figure.digits)))
        if figure.id == whole:
            figures.append(number(getattr(score.ceiling, whole) if score.ceiling else None, 1))
    return [
        f"{card.variant} *" if card.warnings else card.variant,
        *figures,
        f"{card.parameters / 1e6:.3f}",
        f"{card.gmac_512:.2f}",
        number(row.latency_ms, 1),
        row.verdict,
    ]
