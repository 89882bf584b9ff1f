"""Intervals against a slow twin, against values that statistics knows, and in their limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irstd.comparison.pairing import paired
from irstd.comparison.resampling import Intervals, difference, intervals
from irstd.errors import ScoreError
from irstd.metrics import FrameCounts, ScoredFrame, count_frame, pooled, score_of
from irstd.metrics.headline import FIGURES, headline
from irstd.metrics.interval import Interval
from tests.metrics.scenes import drawn, square, tiny_frames

few = settings(max_examples=25, deadline=None)
Draws = list[list[int]]


def made(*, hit: Sequence[bool], threshold: float = 0.5) -> list[FrameCounts]:
    """Frames of one pixel, a target, found or not."""
    truth = np.ones((1, 1), dtype=np.bool_)
    both = [count_frame(ScoredFrame("", truth, np.full((1, 1), each, dtype=np.float32)), threshold) for each in (0, 1)]
    return [replace(both[each], name=f"{i:04}") for i, each in enumerate(hit)]


def crowded(seed: int, frames: int = 6, threshold: float = 0.35, shift: float = 0.0) -> list[FrameCounts]:
    """Frames of 15 × 20 px with a target or none, hits and false alarms; `shift` raises what is found."""
    rng = np.random.default_rng(seed)
    counted = []
    for i in range(frames):
        rows = rng.integers(1, 10, 3)
        truth = drawn((15, 20), {square(int(rows[0]), 3): 1} if i % 3 else {}) > 0
        near = 3 + i % 7  # centroids 0 to 6 px apart, the last a miss
        found = {square(int(rows[0]), near): 0.4 + 0.6 * rng.random(), square(int(rows[1]), 12, 2): 0.6 * rng.random()}
        response = np.clip(drawn((15, 20), {cells: float(value) + shift for cells, value in found.items()}), 0, 1)
        counted.append(count_frame(ScoredFrame(f"f{i}", truth, response.astype(np.float32)), threshold))
    return counted


def sized(*sides: int) -> FrameCounts:
    """A frame with square targets of these sides, of which none is found."""
    truth = drawn((9, 30), {square(1, 8 * i, side): 1 for i, side in enumerate(sides)}) > 0
    return count_frame(ScoredFrame("a", truth, np.zeros((9, 30), dtype=np.float32)))


def twin_draws(frames: Sequence[FrameCounts], seed: int, resamples: int) -> Draws:
    """The same draws as lists of places in the frames by name; without redraws."""
    return np.random.default_rng(seed).integers(len(frames), size=(resamples, len(frames))).tolist()  # type: ignore[no-any-return]


def twin_figures(frames: Sequence[FrameCounts], places: Sequence[int]) -> dict[str, float | None]:
    """The headline figures of the frames at these places: listed, pooled, scored."""
    return headline(score_of(pooled((frames[place].counts for place in places), frames[0].counts.threshold)))


def check_twin(mine: Intervals, rows: Sequence[Mapping[str, float | None]]) -> None:
    for name in FIGURES:
        values = [row[name] for row in rows]
        known = [value for value in values if value is not None]
        interval = mine[name]
        if interval is None:
            assert len(known) < len(values)
        else:
            assert len(known) == len(values)
            assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(known, [0.05, 0.95])), abs=1e-9)


@few
@given(tiny_frames(), st.integers(0, 99), st.sampled_from([0.3, 0.5]))
def test_the_slow_twin_says_the_same(scored: list[ScoredFrame], seed: int, threshold: float) -> None:
    frames = [count_frame(each, threshold) for each in scored]
    if any(frame.counts.targets for frame in frames):
        frames = [frame for frame in frames if frame.counts.targets]  # no redraws, which the twin has not
    mine = intervals(frames, seed, resamples=15, level=0.9)
    check_twin(mine, [twin_figures(frames, places) for places in twin_draws(frames, seed, 15)])
    assert (mine.level, mine.resamples, mine.redrawn) == (0.9, 15, 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_slow_twin_says_the_same_of_a_difference(seed: int) -> None:
    a, b = crowded(seed), crowded(seed, threshold=0.6, shift=0.2)
    with_target = [i for i in range(6) if i % 3]
    a, b = [a[i] for i in with_target], [b[i] for i in with_target]
    rows = []
    for places in twin_draws(a, 7, 40):
        of_a, of_b = twin_figures(a, places), twin_figures(b, places)
        rows.append({name: None if None in (x, y := of_b[name]) else y - x for name, x in of_a.items()})  # type: ignore[operator]
    check_twin(difference(a, b, 7, resamples=40, level=0.9), rows)


def test_draws_without_a_target_are_drawn_again_and_counted() -> None:
    (hit,) = made(hit=[True])
    free = count_frame(ScoredFrame("free", np.zeros((1, 1), dtype=np.bool_), np.zeros((1, 1), dtype=np.float32)))
    frames = [hit, *(replace(free, name=f"free{i}") for i in range(4))]
    mine = intervals(frames, 0, resamples=4000)
    # Each draw misses the one target with a probability of 0.8^5; the failures before a success are geometric.
    chance = 0.8**5
    assert mine.redrawn == pytest.approx(4000 * chance / (1 - chance), rel=0.1)
    assert mine["hse"] == Interval(100.0, 100.0)
    assert mine["pd"] == Interval(1.0, 1.0)


def test_the_interval_of_a_share_is_as_wide_as_statistics_says() -> None:
    mine = intervals(made(hit=[True, False] * 50), 1)["pd"]
    half = 1.96 * np.sqrt(0.25 / 100)
    assert mine is not None
    assert (mine.low, mine.high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.02)


def test_a_difference_is_paired() -> None:
    # The one finds 50 of 100 targets, the other those and ten more: paired, only the ten vary.
    a, b = made(hit=[i < 50 for i in range(100)]), made(hit=[i < 60 for i in range(100)])
    mine = difference(a, b, 1)["pd"]
    half = 1.96 * np.sqrt(0.1 * 0.9 / 100)
    assert mine is not None
    assert (mine.low, mine.high) == pytest.approx((0.1 - half, 0.1 + half), abs=0.02)
    assert 0 not in mine
    turned = difference(b, a, 1)["pd"]
    assert turned == Interval(-mine.high, -mine.low)


@few
@given(tiny_frames(), st.integers(0, 99))
def test_identical_predictions_differ_by_nothing(scored: list[ScoredFrame], seed: int) -> None:
    frames = [count_frame(each) for each in scored]
    mine, own = difference(frames, frames, seed, resamples=10), intervals(frames, seed, resamples=10)
    for name in FIGURES:
        assert mine[name] == (None if own[name] is None else Interval(0.0, 0.0))


def test_the_same_seed_gives_the_same_and_the_order_of_frames_changes_no_bit() -> None:
    a, b = crowded(0, 30), crowded(0, 30, shift=0.1)
    first = intervals(a, 3, 200)
    assert intervals(a[::-1], 3, 200) == first
    assert intervals(a, 4, 200) != first
    assert difference(a, b, 3, 200) == difference(a, b[::-1], 3, 200)


def test_more_resamples_than_are_drawn_at_once() -> None:
    frames = [frame for frame in crowded(1, 8) if frame.counts.targets]
    rows = [twin_figures(frames, places) for places in twin_draws(frames, 0, 600)]
    check_twin(intervals(frames, 0, resamples=600, level=0.9), rows)


def test_the_interval_holds_the_score() -> None:
    frames = crowded(5, 60)
    mine, score = intervals(frames, 0), score_of(pooled((frame.counts for frame in frames), 0.35))
    for name in FIGURES:
        interval = mine[name]
        assert interval is not None
        assert getattr(score, name) in interval
        assert interval.low < interval.high


def test_without_any_true_target_only_fa_has_an_interval() -> None:
    frames = [frame for frame in crowded(0, 12) if not frame.counts.targets]
    mine = intervals(frames, 0)
    assert [name for name in FIGURES if mine[name] is not None] == ["fa_per_mpx"]
    assert mine.redrawn == 0


def test_precision_has_none_where_a_resample_finds_nothing() -> None:
    mine = intervals(made(hit=[True, False, False]), 0)
    assert mine["precision"] is None
    assert mine["f1"] is not None


def test_without_a_frame_nothing_has_an_interval() -> None:
    assert all(intervals([], 0)[name] is None for name in FIGURES)
    assert all(difference([], [], 0)[name] is None for name in FIGURES)


def test_frames_are_paired_by_name() -> None:
    a = crowded(0, 4)
    pairs = paired(a, crowded(0, 4, shift=0.1)[::-1])
    assert [(one.name, other.name) for one, other in pairs] == [(f"f{i}", f"f{i}") for i in range(4)]


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (
            crowded(0, 4),
            crowded(0, 3),
            "1 frame is in one of the two only: f3 in the first; compare counts of the same",
        ),
        (crowded(0, 3), crowded(0, 5), "2 frames are in one only, such as f3 in the second; compare"),
        (crowded(0, 2) * 2, crowded(0, 2), "f0: there twice; frames are matched by name, give each its own"),
        (crowded(0, 2), crowded(0, 2) + made(hit=[True]) * 2, "0000: there twice"),
        ([sized(5, 5)], [sized(7, 1)], r"a: another truth: size_targets is \[0 2 0\] in the first, \[1 1 0\] in the"),
        (
            made(hit=[True]),
            [replace(crowded(0, 1)[0], name="0000")],
            "0000: another truth: pixels is 1 in the first, 300 in the second; score both against the same masks",
        ),
        (
            crowded(0, 2),
            [replace(frame, name=f"f{1 - i}") for i, frame in enumerate(crowded(0, 2))],
            "f0: another truth: targets is 0",
        ),
    ],
)
def test_frames_that_cannot_be_compared(a: list[FrameCounts], b: list[FrameCounts], message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        difference(a, b, 0)


@pytest.mark.parametrize(
    ("resamples", "level", "message"), [(0, 0.95, "at least 1 resample, got 0"), (9, 1.0, "got 1")]
)
def test_resamples_and_levels_that_there_are_not(resamples: int, level: float, message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        intervals(crowded(0), 0, resamples, level)
