import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from irstd.errors import ScoreError
from irstd.evaluation.score_card import Ceiling, ScoreCard, SplitScore
from irstd.metrics.interval import Interval
from irstd.report.table import markdown_table, report_table
from tests.report import evidence as made_up
from tests.report.evidence import Evidence, evidence

PLAIN = {
    "hse": 81.236,
    "pixel": 0.70391,
    "target": 0.9024,
    "precision": 0.9545,
    "pd": 1.0,
    "f1": 0.9767,
    "fa_per_mpx": 12.345,
}
LOST = dict.fromkeys(PLAIN) | {"fa_per_mpx": 1113.0}


def split(figures: dict[str, Any], **others: Any) -> SplitScore:
    """The score of a split with these figures."""
    return replace(made_up.score(0.3, 0).score, operating_threshold=0.35, **{**figures, **others})


def card(val: SplitScore, test: SplitScore, distinct: SplitScore | None = None) -> ScoreCard:
    return made_up.card("any", val, test, distinct)


SHOWN = {
    **{"pixel": "0.704", "target": "0.902", "P": "0.955", "R = Pd": "1.000", "F1": "0.977", "Fa (px/Mpx)": "12.3"},
    **{"threshold": "0.35", "M par.": "0.295", "GMAC 512²": "4.84"},
}


def rows(table: pd.DataFrame, split: str) -> list[dict[str, str]]:
    """The rows of a split in Markdown, by heading."""
    heading, _, *lines = (line[2:-2].split(" | ") for line in markdown_table(table, split).splitlines())
    return [dict(zip(heading, line, strict=True)) for line in lines]


def table_of(**cards: ScoreCard) -> pd.DataFrame:
    """The table of cards under these names."""
    return report_table([replace(each, variant=name) for name, each in cards.items()], "hse")


def test_a_row_a_variant_and_split_best_validation_first() -> None:
    made = evidence()
    table = report_table(list(made.scores.values()), "hse_2")
    assert list(table["variant"]) == ["learned", "floor", "learned", "floor"]
    assert list(table["split"]) == ["val", "val", "test", "test"]
    assert table["hse"][0] == made.scores["learned"].val.hse
    assert list(table["parameters_m"]) == [0.294753, 0.0, 0.294753, 0.0]
    assert list(table["threshold"]) == [0.6] * 4


def test_undefined_scores_come_last_and_are_nan() -> None:
    table = table_of(**{"lost": card(split(LOST), split(PLAIN)), "a|b": card(split(PLAIN), split(LOST))})
    assert list(table["variant"]) == ["a|b", "lost"] * 2
    assert math.isnan(table["hse"][1])
    assert table["fa_per_mpx"][1] == 1113.0


def test_the_table_in_markdown() -> None:
    table = table_of(**{"lost": card(split(LOST), split(PLAIN)), "a|b": card(split(PLAIN), split(LOST))})
    first, second = rows(table, "val")
    assert {"variant": r"a\|b", "HSE": "81.24", "ceiling": "–", **SHOWN}.items() <= first.items()
    assert [second[heading] for heading in ("variant", "HSE", "P", "Fa (px/Mpx)")] == ["lost", "–", "–", "1113.0"]
    ruler = markdown_table(table, "val").splitlines()[1]
    assert ruler == f"| --- |{' ---: |' * (len(first) - 1)}"


def test_an_interval_stands_behind_its_figure() -> None:
    ends = {"hse": Interval(75.04, 86.1), "f1": Interval(0.91234, 0.99), "pd": Interval(0.8, 0.9)}
    table = table_of(**{"sure": card(split(PLAIN, intervals=ends), split(LOST, intervals={"hse": None}))})
    assert table["hse_low"][0] == 75.04
    assert math.isnan(table["f1_high"][1])
    (row,) = rows(table, "val")
    assert [row[name] for name in ("HSE", "R = Pd", "F1")] == ["81.24 [75.0, 86.1]", "1.000", "0.977 [0.912, 0.990]"]
    assert rows(table, "test")[0]["HSE"] == "–"


def test_the_ceiling_of_a_point_model_stands_beside_its_hse() -> None:
    point = card(split(PLAIN, ceiling=Ceiling(88.374, 0.767)), split(PLAIN, ceiling=Ceiling(None, None)))
    table = table_of(**{"point": point, "mask": card(split(PLAIN), split(PLAIN))})
    assert table["ceiling"].dropna().tolist() == [88.374]
    lines = markdown_table(table, "val").splitlines()
    assert [line.split(" | ")[:3] for line in lines[2:]] == [
        ["| mask", "81.24", "–"],
        ["| point", "81.24", "88.4"],
    ]


def test_the_figure_that_decides_sorts_the_rows() -> None:
    cards = [
        replace(card(split(PLAIN, hse=hse, hse_2=hse_2), split(PLAIN)), variant=name)
        for name, hse, hse_2 in (("binary", 80.0, 50.0), ("graded", 60.0, 70.0), ("older", 90.0, None))
    ]
    assert list(report_table(cards, "hse")["variant"][:3]) == ["older", "binary", "graded"]
    assert list(report_table(cards, "hse_2")["variant"][:3]) == ["graded", "binary", "older"]


def test_equal_variants_stand_by_name() -> None:
    plain = card(split(PLAIN), split(PLAIN))
    assert list(table_of(**{"b": plain, "a": plain})["variant"]) == ["a", "b"] * 2


def test_test_without_near_duplicates_comes_third_in_the_same_order() -> None:
    scores = {
        "worse": card(split(LOST), split(PLAIN), split(PLAIN, hse=90.0)),
        "better": card(split(PLAIN), split(PLAIN), split(PLAIN, hse=70.5, precision=0.5)),
    }
    table = table_of(**scores)
    assert list(table["split"]) == ["val", "val", "test", "test", "test_distinct", "test_distinct"]
    assert list(table["variant"]) == ["better", "worse"] * 3
    assert list(table["hse"][4:]) == [70.5, 90.0]
    (better, _) = rows(table, "test_distinct")
    assert (better["variant"], better["HSE"], better["P"]) == ("better", "70.50", "0.500")


def test_without_near_duplicates_there_is_no_third_table() -> None:
    plain, more = card(split(PLAIN), split(PLAIN)), card(split(PLAIN), split(PLAIN), split(PLAIN))
    for scores in ({"a": plain}, {"a": plain, "b": more}):
        assert set(table_of(**scores)["split"]) == {"val", "test"}


def test_a_table_needs_a_variant() -> None:
    with pytest.raises(ScoreError, match="no variant"):
        report_table([], "hse_2")


def test_rows_of_different_frames_do_not_stand_in_one_table() -> None:
    made: Evidence = evidence()
    made.scores["learned"] = replace(made.scores["learned"], evaluation_set={"val": "other"})
    with pytest.raises(ScoreError, match="learned and floor"):
        report_table(list(made.scores.values()), "hse_2")
