"""Configurations drawn up front."""

from collections.abc import Sequence

from irstd.compute.space import draw_trials
from irstd.settings.search import Range, Value

Space = dict[str, Sequence[Value] | Range]


def test_same_seed_same_trials_and_the_first_is_the_variants_own() -> None:
    space: Space = {"train.rate": Range(1e-3, 1e-2, log=True), "model.kernel": [3, 5, 7]}
    trials = draw_trials(space, 6, seed=3)
    assert trials == draw_trials(space, 6, seed=3)
    assert trials != draw_trials(space, 6, seed=4)
    assert [trial.index for trial in trials] == list(range(6))
    assert trials[0].draw == {}
    for trial in trials[1:]:
        assert trial.draw["model.kernel"] in (3, 5, 7)
        rate = trial.draw["train.rate"]
        assert isinstance(rate, float)
        assert 1e-3 <= rate <= 1e-2


def test_a_longer_search_begins_like_the_shorter_one() -> None:
    space: Space = {"a": Range(0.0, 1.0), "b": [1, 2, 3, 4, 5]}
    assert draw_trials(space, 9, seed=1)[:5] == draw_trials(space, 5, seed=1)


def test_a_small_space_of_choices_is_taken_whole() -> None:
    trials = draw_trials({"a": [1, 2], "b": [True, False]}, 10, seed=0)
    drawn = [dict(trial.draw) for trial in trials[1:]]
    assert drawn == [{"a": a, "b": b} for a in (1, 2) for b in (True, False)]


def test_no_configuration_comes_twice() -> None:
    trials = draw_trials({"a": [1, 2, 3], "b": [1, 2, 3]}, 8, seed=0)
    assert len({tuple(sorted(trial.draw.items())) for trial in trials}) == len(trials) == 8


def test_nothing_to_search_is_one_trial() -> None:
    assert [dict(trial.draw) for trial in draw_trials({}, 5, seed=0)] == [{}]
