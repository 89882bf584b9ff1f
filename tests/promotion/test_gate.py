"""The gate, case by case, by hand."""

from dataclasses import replace

import pytest

from irstd.promotion import Candidate, Champion, Limits, decide

LIMITS = Limits(parameters_m=1.0, gmac=8.0)
SPIRE = Candidate("spire", "b-spire", trained=True, score=60.0, parameters=294_753, gmac_512=4.84)
SMALL = Candidate("small", "b-small", trained=True, score=50.0, parameters=1_000, gmac_512=0.1)
FLOOR = Candidate("tophat", "b-floor", trained=False, score=99.0, parameters=0, gmac_512=0.0)


def test_best_validation_hse_within_the_budget_is_the_first_champion() -> None:
    decision = decide([FLOOR, SMALL, SPIRE], None, LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", True)
    assert [verdict.champion for verdict in decision.verdicts] == [False, False, True]
    assert decision.verdicts[0].reasons == ("an untrained floor is never registered",)
    assert decision.verdicts[1].reasons == ("HSE 50.00 on validation is not above spire's 60.00",)
    assert decision.verdicts[2].reasons == (
        "HSE 60.00 on validation is the best within the budget; the first champion",
    )


def test_again_nothing_changes() -> None:
    decision = decide([FLOOR, SPIRE], Champion("spire", "b-spire", 60.0), LIMITS)
    assert (decision.champion, decision.changed) == ("b-spire", False)
    assert decision.verdicts[1].reasons == ("HSE 60.00 on validation; champion already",)


@pytest.mark.parametrize(("held", "changed"), [(59.99, True), (60.0, False), (61.0, False), (None, True)])
def test_only_a_higher_score_takes_the_place_of_a_champion_from_elsewhere(held: float | None, changed: bool) -> None:
    decision = decide([SPIRE], Champion("old", "b-old", held), LIMITS)
    assert decision.changed is changed
    assert decision.champion == ("b-spire" if changed else "b-old")
    assert decision.verdicts[0].champion is changed


def test_every_fault_is_a_reason() -> None:
    dear = replace(SPIRE, score=None, parameters=1_000_001, gmac_512=8.01)
    decision = decide([dear], None, LIMITS)
    assert (decision.champion, decision.changed) == (None, False)
    assert decision.verdicts[0].reasons == (
        "its HSE on validation is undefined",
        "1.000 M parameters exceed the budget of 1 M",
        "8.01 GMAC at 512² exceed the budget of 8",
    )


def test_the_budget_itself_is_allowed() -> None:
    assert decide([replace(SPIRE, parameters=1_000_000, gmac_512=8.0)], None, LIMITS).champion == "b-spire"


def test_of_equal_scores_the_smaller_network_wins_in_any_order() -> None:
    twin = replace(SMALL, score=60.0)
    assert decide([SPIRE, twin], None, LIMITS).champion == "b-small"
    assert decide([twin, SPIRE], None, LIMITS).champion == "b-small"


def test_the_score_is_called_by_its_name() -> None:
    decision = decide([SPIRE], None, replace(LIMITS, metric="target"))
    assert decision.verdicts[0].reasons[0].startswith("target 60.00 on validation is the best")


def test_a_champion_stays_where_no_candidate_can_be_one() -> None:
    decision = decide([FLOOR], Champion("old", "b-old", 10.0), LIMITS)
    assert (decision.champion, decision.changed) == ("b-old", False)
