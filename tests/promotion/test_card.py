"""The model card, line by line."""

from dataclasses import replace

from irstd.metrics.interval import Interval
from irstd.promotion.card import Card, model_card
from tests.report.evidence import score

SCORE = replace(
    score(0.3, 0).score,
    hse=61.234,
    hse_2=70.126,
    f1=0.8,
    pd=0.75,
    fa_per_mpx=12.34,
    intervals={"hse": Interval(55.0, 66.0), "f1": None},
)


def test_it_tells_verdict_scores_cost_and_lineage() -> None:
    card = Card(
        variant="spire",
        version="3",
        verdict="promoted by the gate",
        reasons=["better", "no dearer"],
        scores={"test": SCORE, "val": replace(SCORE, pd=None), "test_distinct": SCORE},
        cost={"parameters": "0.295 M"},
        lineage={"dataset": "demo, abc"},
        warnings=["trained on test"],
    )
    assert model_card(card).replace("&nbsp;", "").splitlines() == [
        "# spire, version 3: promoted by the gate",
        "",
        "- better",
        "- no dearer",
        "",
        "## Scores, [95 % intervals]",
        "",
        "| split | HSE | HSE-2 | F1 | R = Pd | Fa (px/Mpx) |",
        "|---|---|---|---|---|---|",
        "| validation (decides) | 61.23 [55.0, 66.0] | 70.13 | 0.800 | – | 12.3 |",
        "| test (reported only) | 61.23 [55.0, 66.0] | 70.13 | 0.800 | 0.750 | 12.3 |",
        "",
        "## Cost",
        "",
        "- parameters: 0.295 M",
        "",
        "## Read with care",
        "",
        "- trained on test",
        "",
        "## Lineage",
        "",
        "- dataset: demo, abc",
        "",
        "Input: infrared frames, 8 or 16 bit, one channel or RGB, any size. Output: x, y (px, pixel centres at "
        "integers, origin top left) and score of each target, a probability where the bundle holds a calibration.",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert [line for line in model_card(Card("a", "1", "refused", ["worse"])).splitlines() if line[:1] in "#-|"] == [
        "# a, version 1: refused",
        "",
        "- worse",
        "",
    ]


def test_it_fits_the_registry() -> None:
    text = model_card(Card("a", "1", "refused", [f"{number} {'x' * 90}" for number in range(100)]))
    assert len(text) <= 4900
    assert "more" in text
    assert text.endswith("holds a calibration.\n")
    assert len(model_card(Card("a", "1", "refused", [], warnings=["x" * 9000]))) <= 4900
