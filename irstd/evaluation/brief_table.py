"""The headline figures of some splits as a Markdown table, for MLflow's pages."""

from collections.abc import Mapping

from irstd.evaluation.score_card import SplitScore
from irstd.metrics.headline import BRIEF

_GAP = "&nbsp;&nbsp;"  # MLflow's pages set cells side by side without a gap


def brief_table(corner: str, scores: Mapping[str, SplitScore]) -> str:
    """Return a row for each of `scores`, by title, with 95 % intervals; `corner` is the heading of the titles."""
    rows = [_row(corner, [figure.heading for figure in BRIEF]), "|---" * (len(BRIEF) + 1) + "|"]
    for title, score in scores.items():
        cells = [each.with_interval(getattr(score, each.id), score.intervals.get(each.id)) for each in BRIEF]
        rows.append(_row(title, cells))
    return "\n".join(rows)


def _row(title: str, cells: list[str]) -> str:
    return f"| {title} | {_GAP}{f' | {_GAP}'.join(cells)} |"
