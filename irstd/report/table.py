"""The table of all variants."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from irstd.report.results import DISTINCT, SPLITS, Card, check, ranked

# Column of the table: its heading and the format of its values.
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "variant": ("variant", "{}"),
    "hse": ("HSE", "{:.2f}"),
    "ceiling": ("ceiling", "{:.1f}"),
    "pixel": ("pixel", "{:.3f}"),
    "target": ("target", "{:.3f}"),
    "precision": ("P", "{:.3f}"),
    "pd": ("R = Pd", "{:.3f}"),
    "f1": ("F1", "{:.3f}"),
    "fa_per_mpx": ("Fa (px/Mpx)", "{:.1f}"),
    "threshold": ("threshold", "{:.2f}"),
    "parameters_m": ("M par.", "{:.3f}"),
    "gmac_512": ("GMAC 512²", "{:.2f}"),
}
UNDEFINED = "–"

# Figures with a 95 % interval, and the format of its ends; in the table as NAME_low and NAME_high.
_INTERVALS: Mapping[str, str] = {"hse": "{:.1f}", "f1": "{:.3f}"}


def report_table(scores: Mapping[str, Card]) -> pd.DataFrame:
    """A row a variant and split, validation first, the best HSE on validation at the top; NaN where undefined.

    Columns: variant, split (`val`, `test` or `test_distinct`), hse (0 to 100), ceiling (the HSE that true points get on
    the same frames; NaN for detectors of masks, which have none), pixel, target, precision, pd, f1 (0 to 1), fa_per_mpx
    (area of false alarms in px a megapixel, Fa · 1e6), threshold (the operating one, at which those from precision to
    fa_per_mpx were taken), parameters_m (millions), gmac_512 (at 512 × 512), and hse_low, hse_high, f1_low, f1_high,
    the ends of their 95 % intervals; NaN where a card has none.

    Args:
        scores: the content of score.json a variant.

    Raises:
        ScoreError: there is no variant, one lacks a score, or they were scored on different frames.
    """
    check(scores)
    splits = [*SPLITS, *([DISTINCT] if all(DISTINCT in card for card in scores.values()) else [])]
    rows = [_row(name, split, scores[name]) for split in splits for name in ranked(scores)]
    ends = [f"{name}_{end}" for name in _INTERVALS for end in ("low", "high")]
    columns = ["variant", "split", *list(_HEADINGS)[1:], *ends]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], "float64"))


def _row(name: str, split: str, card: Card) -> dict[str, Any]:
    score = card[split]
    own = {column: score[column] for column in ("hse", "pixel", "target", "precision", "pd", "f1", "fa_per_mpx")}
    own["ceiling"] = (score.get("ceiling") or {}).get("hse")
    cost = {"parameters_m": card["parameters"] / 1e6, "gmac_512": card["gmac_512"]}
    ends: dict[str, Any] = {}
    for figure in _INTERVALS:
        ends[f"{figure}_low"], ends[f"{figure}_high"] = score.get("intervals", {}).get(figure) or (None, None)
    return {"variant": name, "split": split, **own, "threshold": score["operating_threshold"], **cost, **ends}


def cells(table: pd.DataFrame, split: str) -> tuple[list[str], list[list[str]]]:
    """The headings and the rows of one split as they are shown."""
    part = table[table["split"] == split]
    rows = [[_cell(row, column, style) for column, (_, style) in _HEADINGS.items()] for _, row in part.iterrows()]
    return [heading for heading, _ in _HEADINGS.values()], rows


def markdown_table(table: pd.DataFrame, split: str) -> str:
    """The rows of one split in Markdown, lines ended by a newline."""
    headings, rows = cells(table, split)
    lines = [
        headings,
        ["---"] + ["---:"] * (len(headings) - 1),
        *[[each.replace("|", r"\|") for each in r] for r in rows],
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(row: "pd.Series[Any]", column: str, style: str) -> str:
    """A figure, with its interval where it has one."""
    shown = _shown(row[column], style)
    if column not in _INTERVALS or pd.isna(row[f"{column}_low"]):
        return shown
    low, high = (_INTERVALS[column].format(row[f"{column}_{end}"]) for end in ("low", "high"))
    return f"{shown} [{low}, {high}]"


def _shown(value: Any, style: str) -> str:
    return UNDEFINED if pd.isna(value) else style.format(value)
