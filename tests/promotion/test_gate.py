"""The gate, case by case, by hand."""

from dataclasses import replace

import pytest

from irstd.promotion import Candidate, Champion, Contest, Decision, Limits, Measured, decide, judge, nominate

LIMITS = Limits(
    parameters_m=1.0,
    gmac=8.0,
    latency_ms=100.0,
    bundle_mb=5.0,
    min_gain=0.5,
    pd_loss=0.02,
    fa_rise_per_mpx=5.0,
    least_score=20.0,
    least_pd=0.5,
)
SPIRE = Candidate("spire", "b-spire", True, 60.0, 294_753, 4.84, 30.0, 1.2)
SMALL = Candidate("small", "b-small", True, 50.0, 1_000, 0.1, 5.0, 0.1)
FLOOR = Candidate("tophat", "b-floor", False, 99.0, 0, 0.0, 1.0, 0.0)
OLD = Champion("3", "old", "b-old")
TODAY = Measured(60.0, 0.9, 10.0)
WON = Contest(TODAY, Measured(55.0, 0.9, 10.0), (0.6, 9.4))
FIRST = Contest(TODAY, None, None)


def test_the_best_within_the_budget_is_nominated() -> None:
    assert nominate([FLOOR, SMALL, SPIRE], LIMITS) == SPIRE
    assert nominate([FLOOR], LIMITS) is None
    assert nominate([replace(SPIRE, parameters=1_000_001), SMALL], LIMITS) == SMALL


def test_of_equal_scores_the_smaller_network_is_nominated_in_any_order() -> None:
    twin = replace(SMALL, score=60.0)
    assert nominate([SPIRE, twin], LIMITS) == nominate([twin, SPIRE], LIMITS) == twin


def test_the_first_champion_needs_no_comparison() -> None:
    decision = decide([FLOOR, SMALL, SPIRE], None, FIRST, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", True)
    assert [verdict.champion for verdict in decision.verdicts] == [False, False, True]
    assert decision.verdicts[0].reasons == ("an untrained floor is never registered",)
    assert decision.verdicts[1].reasons == ("HSE 50.00 on validation is not above spire's 60.00",)
    assert decision.verdicts[2].reasons == (
        "HSE 60.00 on validation is the best within the budget; the first champion",
        "Pd 0.900, Fa 10.0 px/Mpx",
        "0.295 M parameters, 4.84 GMAC at 512², 30.0 ms a frame, 1.20 MB: within the budget",
        "out of the registry it scores HSE 60.00, as evaluated",
    )


def test_again_nothing_changes_and_nothing_is_compared() -> None:
    decision = decide([FLOOR, SPIRE], Champion("3", "spire", "b-spire"), None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", False)
    assert decision.verdicts[1].champion
    assert decision.verdicts[1].reasons == ("HSE 60.00 on validation; champion already",)


def test_a_gain_beyond_chance_takes_the_place_of_the_champion() -> None:
    decision = decide([SPIRE], OLD, WON, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", True)
    assert decision.verdicts[0].reasons[:2] == (
        "HSE 60.00 on validation beats the champion's 55.00 (version 3, old): +5.00 [+0.60, +9.40] is above 0.5",
        "Pd 0.900, Fa 10.0 px/Mpx, before 0.900 and 10.0",
    )


@pytest.mark.parametrize("low", [0.5, 0.4, -3.0])
def test_a_gain_that_may_be_chance_does_not(low: float) -> None:
    decision = decide([SPIRE], OLD, replace(WON, gain=(low, 9.4)), LIMITS)
    assert (decision.champion, decision.changed) == ("b-old", False)
    assert decision.verdicts[0].reasons == (
        "HSE 60.00 on validation does not beat the champion's 55.00 (version 3, old) beyond chance: "
        f"+5.00 [{low:+.2f}, +9.40] is not above 0.5",
    )


def test_a_gain_without_an_interval_does_not() -> None:
    passes, reasons = judge(SPIRE, OLD, replace(WON, gain=None), LIMITS)
    assert not passes
    assert reasons[0].endswith("beyond chance: an undefined gain is not above 0.5")


@pytest.mark.parametrize(
    ("today", "passes", "reason"),
    [
        (Measured(60.0, 0.88, 10.0), True, ""),
        (Measured(60.0, 0.879, 10.0), False, "Pd 0.879 falls from 0.900 by more than 0.02"),
        (Measured(60.0, 0.9, 15.0), True, ""),
        (Measured(60.0, 0.9, 15.1), False, "Fa 15.1 px/Mpx rises from 10.0 by more than 5"),
        (Measured(60.11, 0.9, 10.0), False, "HSE 60.11 out of the registry is not the 60.00 of its evaluation"),
        (Measured(59.91, 0.9, 10.0), True, ""),
        (Measured(None, 0.9, 10.0), False, "its HSE, Pd or Fa out of the registry is undefined or no finite number"),
        (Measured(60.0, 0.9, float("inf")), False, "its HSE, Pd or Fa out of the registry is undefined or no finite"),
    ],
)
def test_what_the_figures_of_today_must_be(today: Measured, passes: bool, reason: str) -> None:
    found, reasons = judge(SPIRE, OLD, replace(WON, challenger=today), LIMITS)
    assert found is passes
    assert passes or reasons[0].startswith(reason)


def test_the_floors_hold_for_the_first_champion_too() -> None:
    weak = replace(FIRST, challenger=Measured(60.0, 0.49, 10.0))
    assert judge(SPIRE, None, weak, LIMITS) == (False, ("Pd 0.490 is below the floor of 0.5",))
    decision = decide([replace(SPIRE, score=19.99)], None, None, LIMITS)
    assert decision.champion is None
    assert decision.verdicts[0].reasons == ("HSE 19.99 on validation is below the floor of 20",)


def test_every_fault_is_a_reason() -> None:
    dear = Candidate("dear", "b", True, None, 1_000_001, 8.01, 100.1, 5.01)
    decision = decide([dear], None, None, LIMITS)
    assert (decision.champion, decision.changed) == (None, False)
    assert decision.verdicts[0].reasons == (
        "its HSE on validation is undefined",
        "1.000 M parameters exceed the budget of 1 M",
        "8.01 GMAC at 512² exceed the budget of 8",
        "100.1 ms a frame exceed the budget of 100",
        "a bundle of 5.01 MB exceeds the budget of 5",
    )


def test_all_that_stands_against_a_challenger_is_told() -> None:
    lost = Contest(Measured(60.0, 0.4, 99.0), Measured(61.0, 0.9, 10.0), (-4.0, 2.0))
    passes, reasons = judge(SPIRE, OLD, lost, LIMITS)
    assert not passes
    assert [reason.split()[0] for reason in reasons] == ["Pd", "HSE", "Pd", "Fa"]


def test_what_is_no_number_passes_nowhere() -> None:
    nan = float("nan")
    for each in (
        replace(SPIRE, score=nan),
        replace(SPIRE, gmac_512=nan),
        replace(SPIRE, latency_ms=nan),
        replace(SPIRE, bundle_mb=nan),
    ):
        assert nominate([each], LIMITS) is None


def test_the_budget_itself_is_allowed() -> None:
    full = replace(SPIRE, parameters=1_000_000, gmac_512=8.0, latency_ms=100.0, bundle_mb=5.0)
    assert nominate([full], LIMITS) == full


def test_the_score_is_called_by_its_name() -> None:
    decision = decide([SPIRE], None, FIRST, replace(LIMITS, metric="target"))
    assert decision.verdicts[0].reasons[0].startswith("target 60.00 on validation is the best")


def test_what_a_person_took_back_does_not_come_back_by_itself() -> None:
    back = replace(SPIRE, withdrawn="rolled back 2030-01-02: blind at dusk")
    assert nominate([back, SMALL], LIMITS) == SMALL
    decision = decide([back], OLD, None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-old", False)
    assert decision.verdicts[0].reasons == ("rolled back 2030-01-02: blind at dusk",)


def test_a_champion_stays_where_no_candidate_can_be_one() -> None:
    decision = decide([FLOOR, replace(SPIRE, gmac_512=9.0)], Champion("3", "spire", "b-spire"), None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", False)
    assert decision.verdicts[1].champion
    assert decision.verdicts[1].reasons == ("champion still", "9.00 GMAC at 512² exceed the budget of 8")


def test_a_champion_among_the_candidates_stays_though_another_scores_a_little_better() -> None:
    decision: Decision = decide([SPIRE, SMALL], Champion("3", "small", "b-small"), replace(WON, gain=(-1, 5)), LIMITS)
    assert (decision.champion, decision.changed) == ("b-small", False)
    assert decision.verdicts[1].reasons == ("champion still", "HSE 50.00 on validation is not above spire's 60.00")


def test_a_challenger_without_a_contest_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="a challenger needs a contest"):
        decide([SPIRE], OLD, None, LIMITS)
