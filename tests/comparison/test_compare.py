import pytest

from irstd.comparison.compare import Estimate, compare
from irstd.comparison.resampling import difference, intervals
from irstd.errors import ScoreError
from irstd.metrics import FrameCounts, pooled, score_of
from irstd.metrics.headline import FIGURES
from irstd.metrics.interval import Interval
from tests.comparison.test_resampling import crowded, made


def test_each_model_has_its_figures_and_what_it_has_more_than_the_first() -> None:
    models = {"a": crowded(0, 9), "b": crowded(0, 9, 0.6, 0.2), "c": crowded(0, 9, 0.5, 0.1)[::-1]}
    found = compare(models, seed=4, resamples=50, level=0.8)
    assert [model.name for model in found.models] == ["a", "b", "c"]
    scores = [score_of(pooled((f.counts for f in part), part[0].counts.threshold)) for part in models.values()]
    for model, score, frames in zip(found.models, scores, models.values(), strict=True):
        own, more = intervals(frames, 4, 50, 0.8), difference(models["a"], frames, 4, 50, 0.8)
        assert model.operating_threshold == score.operating_threshold
        assert model.figures == {name: Estimate(getattr(score, name), own[name]) for name in FIGURES}
        apart = {name: Estimate(getattr(score, name) - getattr(scores[0], name), more[name]) for name in FIGURES}
        assert model.differences == ({} if model.name == "a" else apart)
    assert (found.frames, found.targets, found.seed, found.resamples, found.level) == (9, 6, 4, 50, 0.8)
    assert found.redrawn == intervals(models["a"], 4, 50, 0.8).redrawn


def test_changed_frames_come_by_how_much_they_change() -> None:
    a = made(hit=[True, False, True, False])
    b = made(hit=[True, True, True, False])
    (rows,) = compare({"a": a, "b": b, "c": a}, seed=0, resamples=5).changed
    assert [(row.name, row.tp, row.fp, row.fn) for row in rows] == [
        ("0001", 0, 0, 1),
        ("0001", 1, 0, 0),
        ("0001", 0, 0, 1),
    ]
    crowd = compare({"a": crowded(2, 12), "b": crowded(2, 12, 0.7, 0.3)}, 0, 5).changed
    moved = [abs(one.fp - other.fp) + abs(one.fn - other.fn) for one, other in crowd]
    assert moved == sorted(moved, reverse=True)
    assert 0 not in moved


def test_zero_outside_an_interval_decides() -> None:
    assert Estimate(1.0, Interval(0.1, 2.0)).decided
    assert not Estimate(1.0, Interval(0.0, 2.0)).decided
    assert not Estimate(1.0, None).decided


@pytest.mark.parametrize("models", [{}, {"a": []}, {"a": crowded(0), "b": []}])
def test_there_must_be_something_to_compare(models: dict[str, list[FrameCounts]]) -> None:
    with pytest.raises(ScoreError, match="needs at least one model, and at least one frame of each"):
        compare(models, 0)
