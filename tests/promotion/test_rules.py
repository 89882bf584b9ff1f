"""The rules of the gate, each at its limit and beyond."""

from dataclasses import replace
from typing import Any, cast

import pytest

from irstd.promotion.figures import Case, Measured
from irstd.promotion.gate import judge
from irstd.promotion.rules import own_faults
from tests.promotion.build import BASELINE, FIRST, LIMITS, OLD, SPIRE, TODAY, WON, rules

NAN = float("nan")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"parameters": 1_000_000, "gmac_512": 8.0, "latency_ms": 100.0, "bundle_mb": 5.0, "score": 20.0}, []),
        ({"score": None}, [("undefined", None)]),
        ({"score": NAN}, [("undefined", None)]),
        ({"score": 19.99}, [("least_score", 19.99)]),
        ({"parameters": 1_000_001}, [("parameters_m", 1.000001)]),
        ({"gmac_512": 8.01}, [("gmac", 8.01)]),
        ({"latency_ms": 100.1}, [("latency_ms", 100.1)]),
        ({"bundle_mb": 5.01}, [("bundle_mb", 5.01)]),
        ({"withdrawn": "rolled back 2030-01-02: blind at dusk"}, [("withdrawn", None)]),
        ({"score": None, "gmac_512": 9.0, "bundle_mb": 6.0}, [("undefined", None), ("gmac", 9.0), ("bundle_mb", 6.0)]),
    ],
)
def test_rules_without_a_comparison(change: dict[str, Any], found: list[tuple[str, float | None]]) -> None:
    reasons = own_faults(replace(SPIRE, **change), LIMITS)
    assert [(reason.rule, reason.value) for reason in reasons] == found


@pytest.mark.parametrize("cost", ["parameters", "gmac_512", "latency_ms", "bundle_mb"])
def test_a_cost_that_is_no_number_is_refused(cost: str) -> None:
    assert len(own_faults(replace(SPIRE, **cast(Any, {cost: NAN})), LIMITS)) == 1


def test_a_baseline_is_only_untrained() -> None:
    assert [reason.rule for reason in own_faults(replace(BASELINE, score=None), LIMITS)] == ["untrained"]


def test_a_refusal_after_a_rollback_tells_its_reason() -> None:
    (reason,) = own_faults(replace(SPIRE, withdrawn="blind at dusk"), LIMITS)
    assert reason.text == "blind at dusk"


@pytest.mark.parametrize(
    ("today", "gain", "found"),
    [
        (TODAY, (0.6, 9.4), []),
        (TODAY, (0.5, 9.4), [("min_gain", 0.5)]),
        (TODAY, (-3.0, 9.4), [("min_gain", -3.0)]),
        (TODAY, None, [("min_gain", None)]),
        (Measured(60.0, 0.88, 10.0), (0.6, 9.4), []),
        (Measured(60.0, 0.879, 10.0), (0.6, 9.4), [("pd_loss", 0.879)]),
        (Measured(60.0, 0.9, 15.0), (0.6, 9.4), []),
        (Measured(60.0, 0.9, 15.1), (0.6, 9.4), [("fa_rise_per_mpx", 15.1)]),
        (Measured(60.11, 0.9, 10.0), (0.6, 9.4), [("round_trip", 60.11)]),
        (Measured(59.91, 0.9, 10.0), (0.6, 9.4), []),
        (Measured(None, 0.9, 10.0), (0.6, 9.4), [("undefined", None)]),
        (Measured(60.0, 0.9, float("inf")), (0.6, 9.4), [("undefined", None)]),
        (
            Measured(60.0, 0.4, 99.0),
            (-4.0, 2.0),
            [("least_pd", 0.4), ("min_gain", -4.0), ("pd_loss", 0.4), ("fa_rise_per_mpx", 99.0)],
        ),
    ],
)
def test_rules_of_the_comparison(
    today: Measured, gain: tuple[float, float] | None, found: list[tuple[str, float | None]]
) -> None:
    verdict = judge(Case(SPIRE, OLD, replace(WON, challenger=today, gain=gain), LIMITS))
    assert verdict.champion is not bool(found)
    assert not found or [(reason.rule, reason.value) for reason in verdict.reasons] == found


def test_minima_hold_for_the_first_champion_too() -> None:
    weak = replace(FIRST, challenger=Measured(60.0, 0.49, 10.0))
    assert rules(judge(Case(SPIRE, None, weak, LIMITS))) == ["least_pd"]


@pytest.mark.parametrize(
    ("metric", "figure", "name"),
    [("hse", "hse", "HSE"), ("hse-1", "hse", "HSE"), ("hse-2", "hse_2", "HSE-2"), ("pixel", "pixel", "pixel")],
)
def test_the_metric_of_the_budget_is_a_headline_figure(metric: Any, figure: str, name: str) -> None:
    limits = replace(LIMITS, metric=metric)
    assert (limits.figure, limits.score_name) == (figure, name)
    (reason,) = judge(Case(SPIRE, OLD, replace(WON, gain=None), limits)).reasons
    assert f"{name} 60.00" in reason.text


def test_sentences_hold_the_compared_figures() -> None:
    (reason,) = judge(Case(SPIRE, OLD, replace(WON, gain=(-1.5, 9.4)), LIMITS)).reasons
    for part in ("HSE-2 60.00", "55.00 (version 3, old)", "+5.00 [-1.50, +9.40]", "0.5"):
        assert part in reason.text
    (reason,) = judge(Case(SPIRE, OLD, replace(WON, gain=None), replace(LIMITS, metric="target"))).reasons
    assert "target 60.00" in reason.text
    assert "undefined" in reason.text
