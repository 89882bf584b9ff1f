"""hse-2: by hand, against twins and scikit-learn, and in what must not change it."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from irstd.errors import ScoreError
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.metrics import HSE, Score, ScoredFrame, count_frame, pooled, score_of
from irstd.metrics.ranked_pixels import RANK_LEVELS, logit_levels
from irstd.metrics.ranked_targets import MOST_MAXIMA, maxima_levels
from tests.metrics.ranked_twin import twin_parts
from tests.metrics.scenes import blurred, drawn, points, scored, sprinkled, square, tiny_frames

Map = Callable[[NDArray[np.float64]], NDArray[np.float64]]
MAPS: dict[str, Map] = {
    "square": lambda s: s**2,
    "root": np.sqrt,
    "narrowed": lambda s: 0.3 + 0.4 * s,
    "steepened": lambda s: 1 / (1 + np.exp(-20 * (s - 0.5))),
    "eighth power": lambda s: s**8,
}
few = settings(max_examples=60, deadline=None)
NOTHING = np.zeros((20, 20), dtype=np.bool_)
TARGET = drawn((20, 20), {square(5, 5): 1}) > 0
FAR = square(14, 14, 2)


def noisy(seed: int, noise: float = 0.05, size: tuple[int, int] = (64, 80)) -> ScoredFrame:
    """A frame of a mask model, its values far enough from 0 and 1 that float32 keeps them apart under every map."""
    truth = sprinkled(seed, size)
    return ScoredFrame(f"{seed}", truth, (0.12 + 0.83 * blurred(truth, seed, noise)).astype(np.float32))


def sigmoid(seed: int, noise: float) -> ScoredFrame:
    """A frame as networks answer: three targets and two false blobs in smooth noise, through a sigmoid."""
    random, size = np.random.default_rng(seed), (48, 64)
    truth, lit = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.float32)
    cells = random.permutation([(row, column) for row in range(6, 40, 16) for column in range(6, 56, 16)])
    for i, (row, column) in enumerate(cells[:5].tolist()):
        height, width = random.integers(2, 6, 2).tolist()
        lit[row : row + height, column : column + width] = random.uniform(0.4, 1) if i < 3 else random.uniform(0.2, 0.8)
        truth[row : row + height, column : column + width] |= i < 3
    rough = cv2.GaussianBlur(random.normal(0, 3.5 * noise, size), (0, 0), 1.0)
    logits = 12 * cv2.GaussianBlur(lit, (0, 0), 1.2) - 6 + rough
    return ScoredFrame(f"{seed}", truth, (1 / (1 + np.exp(-logits))).astype(np.float32))


def pointed(seed: int, change: Map = lambda s: s) -> ScoredFrame:
    """A frame of a point model: peaks near targets and peaks at random, most of them weak."""
    random, truth = np.random.default_rng(seed), sprinkled(seed)
    centres = np.argwhere(truth)[::7, ::-1] + random.normal(0, 1, (len(np.argwhere(truth)[::7]), 2))
    places = np.concatenate([centres, random.uniform(0, 63, (40, 2))])
    scores = np.sort(random.uniform(0.12, 0.95, len(places)) ** 1.5)[::-1]
    picture = (blurred(truth, seed, 0.05) * 200).astype(np.uint8)
    peaks = Detections(places, change(scores))
    response = response_from_points(picture, peaks)
    return ScoredFrame(f"{seed}", truth, response, detections=peaks.reaching(0.1), peaks=peaks, peaks_response=response)


def value(score: Score) -> float:
    assert score.hse_2 is not None
    return score.hse_2


def test_by_hand_a_false_target_that_ranks_first() -> None:
    result = scored(ScoredFrame("a", TARGET, drawn((20, 20), {square(5, 5): 0.6, FAR: 0.9})))
    # Pixels: 4 false ones first, then 9 true ones; targets: a false one first. One precision at every recall.
    assert (result.ap_pixel, result.ap_target) == pytest.approx((9 / 13, 1 / 2))
    assert result.hse_2 == pytest.approx(100 * (9 / 13 + 1 / 2) / 2)


def test_by_hand_part_of_the_pixels_and_what_no_threshold_reaches() -> None:
    truth = TARGET | (drawn((20, 20), {square(14, 2): 1}) > 0)
    found = {square(5, 5, 2): 0.9, FAR: 0.5, ((5, 7), (6, 7)): 0.4}
    result = scored(ScoredFrame("a", truth, drawn((20, 20), found)))
    # 4 of 18 pixels with precision 1, then 6 of 10; a target within 1 px with precision 1, the other one never.
    assert (result.ap_pixel, result.ap_target) == pytest.approx(((4 * 1 + 2 * 0.6) / 18, 1 / 2))


def test_equal_scores_enter_together_and_false_alarms_below_every_hit_are_not_seen() -> None:
    found = {square(5, 5): 0.6, FAR: 0.6}
    tied = scored(ScoredFrame("a", TARGET, drawn((20, 20), found)))
    below = scored(ScoredFrame("a", TARGET, drawn((20, 20), found | {FAR: 0.59})))
    assert (tied.ap_pixel, tied.ap_target) == pytest.approx((9 / 13, 1 / 2))
    assert below.hse_2 == 100.0


def test_components_that_merge_lose_recall_but_not_what_was_reached_before() -> None:
    bridge = {square(5, 5): 0.9, square(5, 15): 0.8, tuple((6, column) for column in range(8, 15)): 0.3}
    truth = drawn((20, 20), {square(5, 5): 1, square(5, 15): 1}) > 0
    assert scored(ScoredFrame("a", truth, drawn((20, 20), bridge))).ap_target == 1.0


@pytest.mark.parametrize(("score", "wanted"), [(0.9, 1.0), (0.3, 0.5)])
def test_by_hand_peaks_of_a_point_model(score: float, wanted: float) -> None:
    found = points((6.0, 6.0, score), (15.0, 15.0, 0.5), (2.0, 17.0, 0.01))
    result = scored(ScoredFrame("a", TARGET, drawn((20, 20), {square(5, 5): score, FAR: 0.5}), detections=found))
    assert result.ap_target == wanted


def test_two_peaks_on_one_target() -> None:
    found = points((6.0, 6.0, 0.9), (7.0, 6.0, 0.8))
    result = scored(ScoredFrame("a", TARGET, drawn((20, 20), {square(5, 5): 0.9}), detections=found))
    assert result.ap_target == 1.0


def test_distances_are_those_of_hse_1() -> None:
    response = drawn((20, 20), {square(5, 8): 0.9})  # 3 px off
    assert scored(ScoredFrame("a", TARGET, response)).ap_target == pytest.approx(3 / 5)


def test_without_a_target_it_is_none_and_without_a_detection_0() -> None:
    blank = np.zeros((20, 20), dtype=np.float32)
    empty = HSE().compute()
    free = scored(ScoredFrame("free", NOTHING, drawn((20, 20), {FAR: 0.9})))
    assert {(each.hse_2, each.ap_pixel, each.ap_target) for each in (empty, free)} == {(None, None, None)}
    for level in (0.0, 0.5, 1.0):  # one value everywhere ranks nothing
        missed = scored(ScoredFrame("missed", TARGET, blank + np.float32(level)))
        assert (missed.hse_2, missed.ap_pixel, missed.ap_target) == (0.0, 0.0, 0.0)
    none = scored(ScoredFrame("none", TARGET, blank, detections=Detections.none()))
    assert none.hse_2 == 0.0


@few
@given(tiny_frames())
def test_perfect_is_100_and_blank_is_0(frames: list[ScoredFrame]) -> None:
    frames.append(ScoredFrame("free", np.zeros((3, 3), dtype=np.bool_), np.zeros((3, 3), dtype=np.float32)))
    perfect = scored(*(replace(each, response=each.truth.astype(np.float32)) for each in frames))
    blank = scored(*(replace(each, response=np.zeros_like(each.response)) for each in frames))
    assert (perfect.hse_2, blank.hse_2) == ((100.0, 0.0) if perfect.targets else (None, None))


@pytest.mark.parametrize("change", MAPS.values(), ids=MAPS)
def test_a_rising_map_of_the_scores_changes_nothing_of_a_mask_model(change: Map) -> None:
    frames = [noisy(seed) for seed in range(12)]
    mapped = [replace(each, response=change(each.response.astype(np.float64)).astype(np.float32)) for each in frames]
    before, after = scored(*frames), scored(*mapped)
    assert value(after) == pytest.approx(value(before), abs=0.3)
    assert after.ap_target == before.ap_target
    assert before.hse is not None
    assert after.hse != pytest.approx(before.hse, abs=1)


@pytest.mark.parametrize("change", MAPS.values(), ids=MAPS)
def test_a_rising_map_of_the_scores_changes_nothing_of_a_point_model(change: Map) -> None:
    before = scored(*(pointed(seed) for seed in range(12)))
    after = scored(*(pointed(seed, change) for seed in range(12)))
    assert value(after) == pytest.approx(value(before), abs=0.3)
    assert after.ap_target == before.ap_target


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_plain_twin_says_nearly_the_same_of_masks(noise: float) -> None:
    frames = [sigmoid(seed, noise) for seed in range(6)]
    result, (ap_pixel, ap_target) = scored(*frames), twin_parts(frames)
    assert result.hse_2 == pytest.approx(50 * (ap_pixel + ap_target), abs=0.3)
    assert 30 < value(result) < 97


def test_the_plain_twin_says_the_same_of_points() -> None:
    frames = [pointed(seed, MAPS["steepened"]) for seed in range(6)]
    result, (ap_pixel, ap_target) = scored(*frames), twin_parts([replace(e, detections=e.peaks) for e in frames])
    assert result.ap_target == pytest.approx(ap_target, abs=1e-9)
    assert result.hse_2 == pytest.approx(50 * (ap_pixel + ap_target), abs=0.3)


def test_pixels_are_those_of_scikit_learn_under_a_running_maximum() -> None:
    frames = [sigmoid(seed, 1.0) for seed in range(8)]
    truth = np.concatenate([each.truth.ravel() for each in frames])
    precision, recall, _ = precision_recall_curve(truth, np.concatenate([each.response.ravel() for each in frames]))
    envelope = np.maximum.accumulate(precision)  # recall falls along the curve
    area = float((-np.diff(recall) * envelope[:-1]).sum())
    assert scored(*frames).ap_pixel == pytest.approx(area, abs=0.002)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_scores_that_were_binarised_are_never_better(threshold: float) -> None:
    masks = [noisy(seed) for seed in range(8)]
    hard = [replace(each, response=(each.response >= threshold).astype(np.float32)) for each in masks]
    assert value(scored(*hard)) <= value(scored(*masks)) + 1e-9
    graded = [pointed(seed) for seed in range(8)]
    stepped = [pointed(seed, lambda s: (s >= threshold).astype(np.float64)) for seed in range(8)]
    assert value(scored(*stepped)) <= value(scored(*graded)) + 1e-9


@few
@given(tiny_frames(most=5), st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_shards_merge_exactly(frames: list[ScoredFrame], shards: list[int]) -> None:
    holders = [HSE() for _ in range(3)]  # some may stay empty
    for frame, shard in zip(frames, shards, strict=False):
        holders[shard].add(frame)
    whole = pooled((count_frame(each).counts for each in frames), 0.5)
    a, b, c = (holder.counts for holder in holders)
    assert a + (b + c) == c + a + b == pooled((a, b, c), 0.5) == whole
    assert score_of(whole) == scored(*frames)


def test_counts_without_ranks_have_no_hse_2() -> None:
    new = count_frame(noisy(3)).counts
    old = replace(new, ranked=None)
    for counts in (old, old + new, new + old, pooled([new, old], 0.5)):
        assert score_of(counts).hse_2 is None
    assert score_of(old).hse == score_of(new).hse


def test_levels_of_pixels() -> None:
    edges = np.array([0, 1e-12, 0.5, 1 - 2**-24, 1], dtype=np.float32)
    levels = logit_levels(edges)
    assert levels.tolist() == [0, 0, RANK_LEVELS // 2, levels[3], RANK_LEVELS - 1]
    random = np.sort(np.random.default_rng(0).random(10_000).astype(np.float32))
    assert (np.diff(logit_levels(random)) >= 0).all()


def test_levels_of_targets_are_the_highest_maxima() -> None:
    plateau = {square(2, 2): 0.9, square(10, 10, 2): 0.4, ((10, 12),): 0.39}
    assert maxima_levels(drawn((20, 20), plateau)).tolist() == pytest.approx([0.9, 0.4])
    response = np.random.default_rng(1).random((60, 70)).astype(np.float32)
    inside = [response[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2].max() for r in range(60) for c in range(70)]
    maxima = np.sort(response[response == np.reshape(inside, response.shape)])[::-1]
    assert maxima_levels(response).tolist() == maxima[:MOST_MAXIMA].tolist()
    saturated = np.where(response > 0.5, np.float32(1), response)
    assert maxima_levels(saturated)[0] == 1.0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"peaks": points((1, 1, 0.5))}, "a: peaks came without detections"),
        ({"detections": points(), "peaks": points((1, 1, 1.5))}, r"a: detection scores must lie in \[0, 1\]"),
        ({"peaks_response": np.zeros((3, 3), dtype=np.float32)}, "a: response is 3×3, its truth 20×20"),
    ],
)
def test_peaks_that_cannot_be_scored(fault: dict[str, object], message: str) -> None:
    given = ScoredFrame("a", TARGET, np.zeros((20, 20), dtype=np.float32))
    with pytest.raises(ScoreError, match=message):
        count_frame(replace(given, **fault))  # type: ignore[arg-type]
