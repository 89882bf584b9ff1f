"""Several fits of one variant: means, and fits and frames resampled together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from irstd.comparison.compare import compare, compare_fits
from irstd.comparison.resampling import difference, difference_of_fits, intervals, intervals_of_fits
from irstd.errors import ScoreError
from irstd.metrics import FrameCounts, pooled, score_of
from irstd.metrics.headline import FIGURES, headline
from tests.comparison.test_resampling import check_twin, crowded, made, twin_figures

FRAMES = [i for i in range(9) if i % 3]  # each with a target, so that no draw is repeated


def fit(seed: int, shift: float = 0.0, threshold: float = 0.35) -> list[FrameCounts]:
    """A fit whose frames and truth are those of all fits, and whose hits are its own."""
    truth = crowded(0, 9, threshold)
    frames = crowded(0, 9, threshold, shift + 0.15 * seed)
    return [frames[i] if (seed + i) % 3 else truth[i] for i in FRAMES]


def mean_of(fits: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    found = {name: [fit[name] for fit in fits] for name in FIGURES}
    return {
        name: None if None in values else sum(each or 0.0 for each in values) / len(fits)
        for name, values in found.items()
    }


def minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def test_the_slow_twin_says_the_same() -> None:
    a, b = [fit(seed) for seed in range(3)], [fit(seed, 0.1, 0.5) for seed in range(3)]
    frames, fits = np.random.default_rng(7), np.random.default_rng([7, 3])
    places = frames.integers(len(FRAMES), size=(40, len(FRAMES)))
    shares = fits.multinomial(3, [1 / 3] * 3, size=40)
    rows, apart = [], []
    for own, share in zip(places.tolist(), shares.tolist(), strict=True):
        drawn = np.repeat(np.arange(3), share)
        of_a, of_b = (mean_of([twin_figures(model[each], own) for each in drawn]) for model in (a, b))
        rows.append(of_b)
        apart.append({name: minus(of_b[name], of_a[name]) for name in FIGURES})
    check_twin(intervals_of_fits(b, 7, resamples=40, level=0.9), rows)
    check_twin(difference_of_fits(a, b, 7, resamples=40, level=0.9), apart)


def test_one_fit_is_a_model() -> None:
    a, b = fit(0), fit(1, 0.2)
    assert intervals_of_fits([a], 3, 50) == intervals(a, 3, 50)
    assert difference_of_fits([a], [b], 3, 50) == difference(a, b, 3, 50)
    assert compare_fits({"a": {"7": a}, "b": {"8": b}}, 3, 50) == compare({"a": a, "b": b}, 3, 50)


def test_fits_that_are_one_and_the_same_widen_nothing() -> None:
    a, b = fit(0), fit(1, 0.2)
    one, many = difference(a, b, 3, 200), difference_of_fits([a] * 4, [b] * 4, 3, 200)
    for name in FIGURES:
        found, wanted = many[name], one[name]
        assert (found is None) == (wanted is None)
        if found and wanted:
            assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_fits_that_differ_widen_the_interval() -> None:
    hits = [[True] * 20, [False] * 10 + [True] * 10, [False] * 20]
    fits = [made(hit=each) for each in hits]
    both, alone = intervals_of_fits(fits, 0)["pd"], intervals(fits[1], 0)["pd"]
    assert both is not None
    assert alone is not None
    assert both.low < alone.low
    assert both.high > alone.high


def test_seed_against_seed_the_difficulty_of_a_seed_cancels_out() -> None:
    """Fits are better by the same whatever the seed: the paired interval is that of one difference."""
    poor = [made(hit=[i < good for i in range(20)]) for good in (2, 8, 14)]
    better = [made(hit=[i < good + 4 for i in range(20)]) for good in (2, 8, 14)]
    paired, crossed = difference_of_fits(poor, better, 0)["pd"], difference_of_fits(poor, better[::-1], 0)["pd"]
    assert paired is not None
    assert crossed is not None
    assert paired.high - paired.low < crossed.high - crossed.low
    assert paired.low > 0


def test_figures_are_means_over_fits_paired_by_name() -> None:
    a = {f"{seed}": fit(seed) for seed in range(3)}
    b = {f"{seed}": fit(seed, 0.1, 0.5) for seed in (2, 0, 1)}
    found = compare_fits({"a": a, "b": b}, 4, 50)
    for model, fits in zip(found.models, (a, b), strict=True):
        own = {
            seed: headline(score_of(pooled((f.counts for f in v), v[0].counts.threshold))) for seed, v in fits.items()
        }
        assert {seed: dict(each) for seed, each in model.fits.items()} == own
        for name, wanted in mean_of(list(own.values())).items():
            assert model.figures[name].value == (wanted if wanted is None else pytest.approx(wanted))
    assert [model.operating_threshold for model in found.models] == [0.35, 0.5]
    paired = difference_of_fits([a[s] for s in "012"], [b[s] for s in "012"], 4, 50)
    assert {name: each.interval for name, each in found.models[1].differences.items()} == paired.figures
    assert found.changed == ()
    plain = found.to_dict()["models"][1]
    assert sorted(plain["fits"]) == ["0", "1", "2"]


def test_a_single_fit_stands_beside_all() -> None:
    several = {f"{seed}": fit(seed) for seed in range(3)}
    found = compare_fits({"authors": {"": fit(0, 0.3)}, "ours": several}, 0, 50).models
    assert found[0].fits == {}
    assert found[0].figures["f1"].interval == intervals(fit(0, 0.3), 0, 50)["f1"]
    wanted = difference_of_fits([fit(0, 0.3)], list(several.values()), 0, 50)["f1"]
    assert found[1].differences["f1"].interval == wanted


def test_thresholds_of_fits_may_differ() -> None:
    found = compare_fits({"a": {"0": fit(0), "1": fit(1, threshold=0.5)}, "b": {"": fit(0)}}, 0, 5)
    assert [model.operating_threshold for model in found.models] == [None, 0.35]


def test_fits_that_cannot_be_paired() -> None:
    a, b = {s: fit(0) for s in "78"}, {s: fit(0) for s in "79"}
    with pytest.raises(ScoreError, match="a and b cannot be compared: only a has a fit 8; give the same fits of both"):
        compare_fits({"a": a, "b": b}, 0, 5)
    with pytest.raises(ScoreError, match="there are 2 fits of one and 3 of the other"):
        difference_of_fits([fit(0)] * 2, [fit(0)] * 3, 0, 5)
    renamed = [replace(frame, name=f"x{frame.name}") for frame in fit(0)]
    with pytest.raises(ScoreError, match=r"a and a cannot be compared: .* frames are in one only"):
        compare_fits({"a": {"7": fit(0), "8": renamed}}, 0, 5)
    with pytest.raises(ScoreError, match="needs at least one model"):
        compare_fits({"a": {}}, 0, 5)
