"""The table of all variants."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from irstd.evaluation.score_card import DISTINCT, SPLITS, ScoreCard, SplitScore
from irstd.metrics.headline import BRACKETED, FIGURES, HEADLINE, headline
from irstd.metrics.interval import Interval, number
from irstd.report.results import ranked

# Columns beside the headline figures: heading and decimals.
_CEILING = {"ceiling": ("ceiling", 1)}
_COST = {"threshold": ("threshold", 2), "parameters_m": ("M par.", 3), "gmac_512": ("GMAC 512²", 2)}


def report_table(cards: Sequence[ScoreCard], decides: str) -> pd.DataFrame:
    """Return a row for each variant and split, validation first, the best `decides` on validation at the top.

    Columns: variant, split (`val`, `test` or `test_distinct`), hse, ceiling (docs/hse.md; NaN for mask models), the
    other headline figures, threshold (the operating one, of precision to fa_per_mpx), parameters_m (millions), gmac_512
    (at 512 × 512), and the ends of the 95 % intervals, such as hse_low and hse_high. NaN where undefined.

    Raises:
        ScoreError: there is no variant, or they were scored on different frames.
    """
    splits = [*SPLITS, *([DISTINCT] if all(card.test_distinct for card in cards) else [])]
    rows = [_row(card, split) for split in splits for card in ranked(cards, decides)]
    columns = ["variant", "split", *_columns(), *(f"{name}_{end}" for name in BRACKETED for end in ("low", "high"))]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], "float64"))


def _columns() -> dict[str, str]:
    """The headings of a row's figures by column, in their order."""
    first, *others = HEADLINE
    return {
        first.id: first.heading,
        **{name: heading for name, (heading, _) in _CEILING.items()},
        **{figure.id: figure.heading for figure in others},
        **{name: heading for name, (heading, _) in _COST.items()},
    }


def _row(card: ScoreCard, split: str) -> dict[str, Any]:
    score: SplitScore = card.splits[split]
    ends: dict[str, float] = {}
    for figure in BRACKETED:
        if interval := score.intervals.get(figure):
            ends |= {f"{figure}_low": interval.low, f"{figure}_high": interval.high}
    return {
        "variant": card.variant,
        "split": split,
        **headline(score),
        "ceiling": score.ceiling and score.ceiling.hse,
        "threshold": score.operating_threshold,
        "parameters_m": card.parameters / 1e6,
        "gmac_512": card.gmac_512,
        **ends,
    }


def cells(table: pd.DataFrame, split: str) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of one split as they are shown."""
    part, columns = table[table["split"] == split], _columns()
    rows = [[row["variant"], *(_cell(row, column) for column in columns)] for _, row in part.iterrows()]
    return ["variant", *columns.values()], rows


def markdown_table(table: pd.DataFrame, split: str) -> str:
    """Return the rows of one split in Markdown, lines ended by a newline."""
    headings, rows = cells(table, split)
    lines = [
        headings,
        ["---"] + ["---:"] * (len(headings) - 1),
        *[[each.replace("|", r"\|") for each in r] for r in rows],
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(row: "pd.Series[Any]", column: str) -> str:
    if column not in FIGURES:
        return number(row[column], (_CEILING | _COST)[column][1])
    ends = Interval(row[f"{column}_low"], row[f"{column}_high"]) if column in BRACKETED else None
    return FIGURES[column].with_interval(row[column], None if ends is None or pd.isna(ends.low) else ends)
