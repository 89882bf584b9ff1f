"""Nomination and decision, case by case, by hand."""

from dataclasses import replace

import pytest

from irstd.promotion.figures import Champion
from irstd.promotion.gate import decide, nominate
from tests.promotion.build import BASELINE, FIRST, LIMITS, OLD, SMALL, SPIRE, WON, rules


def test_the_best_within_the_budget_is_nominated() -> None:
    assert nominate([BASELINE, SMALL, SPIRE], LIMITS) == SPIRE
    assert nominate([BASELINE], LIMITS) is None
    assert nominate([replace(SPIRE, parameters=1_000_001), SMALL], LIMITS) == SMALL


def test_of_equal_scores_the_smaller_network_is_nominated_in_any_order() -> None:
    twin = replace(SMALL, score=60.0)
    assert nominate([SPIRE, twin], LIMITS) == nominate([twin, SPIRE], LIMITS) == twin


def test_the_first_champion_needs_no_comparison() -> None:
    decision = decide([BASELINE, SMALL, SPIRE], None, FIRST, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", True)
    assert [verdict.champion for verdict in decision.verdicts] == [False, False, True]
    assert [rules(verdict) for verdict in decision.verdicts] == [
        ["untrained"],
        ["not_best"],
        ["first", "figures", "cost", "round_trip"],
    ]
    assert decision.verdicts[1].reasons[0].value == 50.0


def test_again_nothing_changes_and_nothing_is_compared() -> None:
    decision = decide([BASELINE, SPIRE], Champion("3", "spire", "b-spire"), None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", False)
    assert decision.verdicts[1].champion
    assert rules(decision.verdicts[1]) == ["champion"]


def test_a_gain_beyond_chance_replaces_the_champion() -> None:
    decision = decide([SPIRE], OLD, WON, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", True)
    assert rules(decision.verdicts[0]) == ["gain", "figures", "cost", "round_trip"]


def test_a_gain_that_may_be_chance_does_not() -> None:
    decision = decide([SPIRE], OLD, replace(WON, gain=(0.4, 9.4)), LIMITS)
    assert (decision.champion, decision.changed) == ("b-old", False)
    assert rules(decision.verdicts[0]) == ["min_gain"]


def test_without_a_challenger_there_is_no_first_champion() -> None:
    decision = decide([replace(SPIRE, score=19.99)], None, None, LIMITS)
    assert (decision.champion, decision.changed) == (None, False)
    assert rules(decision.verdicts[0]) == ["least_score"]


def test_a_version_that_was_rolled_back_is_not_nominated() -> None:
    back = replace(SPIRE, withdrawn="rolled back 2030-01-02: blind at dusk")
    assert nominate([back, SMALL], LIMITS) == SMALL
    decision = decide([back], OLD, None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-old", False)
    assert rules(decision.verdicts[0]) == ["withdrawn"]


def test_a_champion_stays_if_no_candidate_can_replace_it() -> None:
    decision = decide([BASELINE, replace(SPIRE, gmac_512=9.0)], Champion("3", "spire", "b-spire"), None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", False)
    assert decision.verdicts[1].champion
    assert rules(decision.verdicts[1]) == ["champion", "gmac"]


def test_a_champion_among_the_candidates_stays_though_another_scores_a_little_better() -> None:
    decision = decide([SPIRE, SMALL], Champion("3", "small", "b-small"), replace(WON, gain=(-1, 5)), LIMITS)
    assert (decision.champion, decision.changed) == ("b-small", False)
    assert [rules(verdict) for verdict in decision.verdicts] == [["min_gain"], ["champion", "not_best"]]


def test_a_challenger_without_a_contest_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="a challenger needs a contest"):
        decide([SPIRE], OLD, None, LIMITS)
