"""Properties of HSE on any frames."""

import doctest
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.frames import read_mask
from irstd.labels.detections import Detections
from irstd.labels.points import points_from_mask
from irstd.metrics import HSE, Score, ScoredFrame, count_frame, hse, pooled, score_of
from tests.metrics.scenes import drawn, points, scored, square, tiny_frames
from tests.shared import SHARED, needs_shared

few = settings(max_examples=60, deadline=None)
Frames = list[ScoredFrame]


def _figures(result: Score) -> tuple[object, ...]:
    """All that does not depend on which of equally good pairs is taken."""
    return result.hse, result.surface, result.at_half, result.at_3px, result.at_5px, result.pd_fa_auc


@few
@given(tiny_frames(), st.sampled_from(["rows", "columns", "transposed"]))
def test_flips_change_nothing(frames: Frames, how: str) -> None:
    turned = [replace(each, truth=_turned(each.truth, how), response=_turned(each.response, how)) for each in frames]
    assert _figures(scored(*turned)) == _figures(scored(*frames))


def _turned(image: NDArray[Any], how: str) -> NDArray[Any]:
    return image.T if how == "transposed" else np.flip(image, axis=0 if how == "rows" else 1)


@few
@given(tiny_frames(), st.randoms(use_true_random=False))
def test_the_order_of_frames_changes_no_bit(frames: Frames, random: Random) -> None:
    mixed = list(frames)
    random.shuffle(mixed)
    assert scored(*mixed) == scored(*frames)


@few
@given(tiny_frames(), st.integers(0, 3))
def test_pooled_is_the_sum_of_parts(frames: Frames, cut: int) -> None:
    counts = [count_frame(each).counts for each in frames]
    whole = pooled(counts, 0.5)
    assert pooled(counts[:cut], 0.5) + pooled(counts[cut:], 0.5) == whole
    assert score_of(whole) == scored(*frames)


@few
@given(tiny_frames(most=5), st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_shards_merged_are_the_whole(frames: Frames, shards: list[int]) -> None:
    holders = [HSE() for _ in range(3)]  # some may stay empty
    for frame, shard in zip(frames, shards, strict=False):
        holders[shard].add(frame)
    assert score_of(pooled((holder.counts for holder in holders), 0.5)) == scored(*frames)


@few
@given(tiny_frames())
def test_perfect_is_100_and_blank_is_0(frames: Frames) -> None:
    perfect = scored(*(replace(each, response=each.truth.astype(np.float32)) for each in frames))
    blank = scored(*(replace(each, response=np.zeros_like(each.response)) for each in frames))
    if not perfect.targets:
        assert perfect.hse is blank.hse is None
        return
    assert (perfect.hse, perfect.f1, perfect.pd_fa_auc, perfect.fa_per_mpx) == (100.0, 1.0, 1.0, 0.0)
    assert (blank.hse, blank.f1, blank.pd_fa_auc, blank.fa_per_mpx) == (0.0, 0.0, 0.0, 0.0)
    assert blank.at_5px.precision is None


@few
@given(tiny_frames(most=1), st.sampled_from([0.1, 0.3, 0.77, 1.0]), st.integers(1, 3))
def test_an_isolated_false_blob_never_raises_it(frames: Frames, value: float, side: int) -> None:
    truth, response = np.zeros((20, 20), dtype=np.bool_), np.zeros((20, 20), dtype=np.float32)
    height, width = frames[0].truth.shape
    truth[:height, :width], response[:height, :width] = frames[0].truth, frames[0].response
    worse = response.copy()
    worse[15 : 15 + side, 15 : 15 + side] = value
    before, after = scored(ScoredFrame("a", truth, response)), scored(ScoredFrame("a", truth, worse))
    if before.hse is None:
        assert after.hse is None
    else:
        assert after.hse is not None
        assert after.hse <= before.hse
        assert after.pd_fa_auc is not None
        assert before.pd_fa_auc is not None
        assert after.pd_fa_auc <= before.pd_fa_auc


@few
@given(tiny_frames(), st.floats(0, 1))
def test_changes_that_cross_no_threshold_change_nothing(frames: Frames, share: float) -> None:
    moved = [replace(each, response=_raised(each.response, share)) for each in frames]
    assert _without_ranks(scored(*moved)) == _without_ranks(scored(*frames))


def _without_ranks(result: Score) -> Score:
    """All but hse-2, whose thresholds are the responses themselves."""
    return replace(result, hse_2=None, ap_pixel=None, ap_target=None)


def _raised(response: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Every value `share` of its way towards the next threshold, which it does not reach."""
    steps = [k / 255 for k in range(1, 256)] + [k / 10 for k in range(1, 10)]
    grid = np.unique(np.array([*steps, 2.0], dtype=np.float32))
    following = grid[np.searchsorted(grid, response, side="right")]
    most = np.where(response == 1, response, np.nextafter(following, np.float32(0)))
    moved = (response + (most - response) * np.float32(share)).astype(np.float32)
    return np.asarray(np.clip(moved, response, most), dtype=np.float32)


@few
@given(tiny_frames(most=1))
def test_the_components_given_as_points_score_the_same(frames: Frames) -> None:
    # One confidence everywhere, so that the components are the same at every threshold that they reach.
    lit = np.where(frames[0].response > 0, np.float32(0.7), np.float32(0))
    given = replace(frames[0], response=lit)
    centroids = points_from_mask(lit > 0)
    found = Detections(points=centroids, scores=np.full(len(centroids), 0.7))
    by_points, by_mask = scored(replace(given, detections=found)), scored(given)
    assert by_points.hse == by_mask.hse
    assert (by_points.at_5px.tp, by_points.at_5px.fp) == (by_mask.at_5px.tp, by_mask.at_5px.fp)


def test_the_holder_keeps_nothing_of_a_frame_that_cannot_be_scored() -> None:
    holder, good = HSE(), ScoredFrame("good", drawn((5, 5), {((2, 2),): 1}) > 0, drawn((5, 5), {((2, 2),): 1}))
    holder.add(good)
    with pytest.raises(ScoreError, match="bad: response must lie in"):
        holder.add(replace(good, name="bad", response=good.response * 2))
    assert [row.name for row in holder.rows()] == ["good"]
    assert holder.compute().hse == 100.0


def test_arrays_are_scored_directly() -> None:
    truth, response = drawn((20, 20), {square(3, 3): 255}).astype(np.uint8), drawn((20, 20), {square(3, 3, 2): 0.8})
    found, grey = points((3.5, 3.5, 0.6)), np.full((20, 20), 7, dtype=np.uint8)
    score, same = HSE(0.3), HSE(0.3)
    score.update(response, truth)
    score.update(response.tolist(), truth, detections=found, frame=grey, name="b")
    same.add(ScoredFrame("frame 1", truth > 0, response))
    same.add(ScoredFrame("b", truth > 0, response, detections=found, frame=grey))
    assert score.compute() == same.compute()
    assert score.rows() == same.rows()
    assert [row.name for row in score.rows()] == ["frame 1", "b"]
    assert sum(own.targets for own in score.compute().by_contrast.values()) == 1


def test_the_example_of_the_docstring() -> None:
    # By hand: IoU is 1/2 up to 0.8 = 204/255, so 0.4; F1 is 2/3 in eight of nine rows; 100 · (0.4 + 16/27) / 2.
    result = doctest.testmod(hse)
    assert (result.failed, result.attempted) == (0, 8)


def test_truth_and_response_the_wrong_way_round() -> None:
    truth, response = drawn((5, 5), {((2, 2),): 1}), drawn((5, 5), {((2, 2),): 0.8})
    score = HSE()
    with pytest.raises(ScoreError, match=r"frame 1: truth holds fractions.*: update\(response, truth\)"):
        score.update(truth, response)
    assert score.frames == []
    score.update(response, truth)  # a mask of 0.0 and 1.0 is one
    assert score.compute().hse is not None


def test_counts_of_two_operating_thresholds_cannot_be_added() -> None:
    frame = ScoredFrame("a", np.ones((2, 2), dtype=np.bool_), np.ones((2, 2), dtype=np.float32))
    with pytest.raises(ScoreError, match=r"operating thresholds 0\.5 and 0\.4 cannot be added"):
        count_frame(frame, 0.5).counts + count_frame(frame, 0.4).counts


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.5, float("nan")])
def test_an_operating_threshold_outside_its_range(threshold: float) -> None:
    with pytest.raises(ScoreError, match=r"operating threshold must lie in \(0, 1\]"):
        HSE(threshold)


def test_counting_changes_no_input() -> None:
    truth, response = drawn((8, 8), {((2, 2),): 1}) > 0, drawn((8, 8), {((2, 3),): 0.6})
    found, before = points((3, 2, 0.6)), response.copy()
    count_frame(ScoredFrame("a", truth, response, detections=found))
    np.testing.assert_array_equal(response, before)
    assert found.points.tolist() == [[3.0, 2.0]]


@needs_shared
def test_perfect_and_blank_on_real_masks() -> None:
    folder = SHARED / "open-sirst-v1"
    names = (folder / "splits" / "test_v1.txt").read_text().split()
    perfect, blank = HSE(), HSE()
    for name in names:
        truth = read_mask(folder / "annotations" / "masks" / f"{name}_pixels0.png")
        perfect.update(truth, truth, name=name)
        blank.update(np.zeros(truth.shape), truth, name=name)
    assert (perfect.compute().hse, blank.compute().hse) == (100.0, 0.0)
    assert (perfect.compute().frames, perfect.compute().targets) == (86, 109)
