"""The closing table of a run: cost, test scores and the gate's verdict of each variant."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from irstd.evaluation.score_card import ScoreCard
from irstd.metrics.headline import BRIEF
from irstd.metrics.interval import number, with_interval

# Decimals of value and ends; fewer than in the report, so that the table fits 120 columns.
_DIGITS = {"hse": (1, 0), "hse_2": (1, 0), "f1": (3, 2)}


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


def closing_table(title: str, rows: Sequence[Judged], decides: str) -> Table:
    """Return the table of scores on test at each row's operating threshold.

    There is room for two intervals: that of F1, and that of the figure whose id is `decides`.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True  # so that it fits 120 columns
    table.add_column("variant", style="bold", no_wrap=True)
    first, *others = (figure.title for figure in BRIEF)
    for name in (first, "ceiling", *others, "M par.", "GMAC", "ms/frame"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("promoted, or why not", min_width=24, overflow="fold")
    for row in rows:
        table.add_row(
            *_cells(row, (decides, "f1")), style="dim" if row.card.reference else "green" if row.champion else None
        )
    return table


def _cells(row: Judged, bracketed: Sequence[str]) -> list[str]:
    card, score = row.card, row.card.test
    first, *others = (
        with_interval(
            getattr(score, figure.id),
            score.intervals.get(figure.id) if figure.id in bracketed else None,
            _DIGITS.get(figure.id, figure.digits),
        )
        for figure in BRIEF
    )
    return [
        f"{card.variant} *" if card.warnings else card.variant,
        first,
        number(score.ceiling.hse if score.ceiling else None, 1),
        *others,
        f"{card.parameters / 1e6:.3f}",
        f"{card.gmac_512:.2f}",
        number(row.latency_ms, 1),
        row.verdict,
    ]
