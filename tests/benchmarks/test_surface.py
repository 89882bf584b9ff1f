from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.published.basic_irstd import basic_irstd, pooled_basic
from benchmarks.published.surface import basic_surface, pooled_surface
from irstd.errors import ScoreError
from irstd.metrics import ScoredFrame
from tests.metrics.scenes import blurred, drawn, points, sprinkled, square, tiny_frames

CONFIDENCES = tuple(k / 10 for k in range(10))
DISTANCES = tuple(range(1, 11))


def assert_each_cell_is_that_of_one_pair(frames: list[ScoredFrame]) -> None:
    surface = pooled_surface(basic_surface(frame, CONFIDENCES, DISTANCES) for frame in frames)
    for i, confidence in enumerate(CONFIDENCES):
        for j, distance in enumerate(DISTANCES):
            # basic_irstd takes no threshold of 0; half the least step above it says the same.
            one = pooled_basic(basic_irstd(frame, confidence or 1e-9, distance) for frame in frames)
            assert (surface.targets, surface.matched[i, j]) == (one.targets, one.matched)
            assert (surface.pixels, surface.unmatched_px[i, j]) == (one.pixels, one.unmatched_px)


@settings(max_examples=15, deadline=None)
@given(tiny_frames())
def test_each_cell_is_that_of_basic_irstd(frames: list[ScoredFrame]) -> None:
    assert_each_cell_is_that_of_one_pair(frames)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_each_cell_is_that_of_basic_irstd_in_larger_frames(noise: float) -> None:
    truths = {seed: sprinkled(seed, (32, 40)) for seed in range(4)}
    assert_each_cell_is_that_of_one_pair(
        [ScoredFrame(str(seed), truth, blurred(truth, seed, noise)) for seed, truth in truths.items()]
    )


def test_by_hand() -> None:
    truth = drawn((20, 20), {square(2, 2): 1, square(12, 12): 1}) > 0
    # The first is found 1 px off; the second 3 px off, which is not nearer than 3; and 0.5 is not more than 0.5.
    response = drawn((20, 20), {square(2, 3): 0.9, square(12, 15): 0.9, ((18, 2),): 0.5, ((18, 5), (18, 6)): 0.51})
    surface = basic_surface(ScoredFrame("a", truth, response), (0.4, 0.5, 0.9), (1, 2, 3, 3.1))
    assert surface.found.tolist() == [4, 3, 0]
    assert surface.matched.tolist() == [[0, 1, 1, 2], [0, 1, 1, 2], [0, 0, 0, 0]]
    assert surface.unmatched_px.tolist() == [[21, 12, 12, 3], [20, 11, 11, 2], [0, 0, 0, 0]]
    assert surface.pd is not None
    assert surface.pd[0].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert surface.fa_per_mpx[1].tolist() == pytest.approx([area / 400 * 1e6 for area in (20, 11, 11, 2)])


def test_without_a_true_target_there_is_no_pd() -> None:
    dark = ScoredFrame("dark", np.zeros((6, 6), dtype=np.bool_), np.zeros((6, 6), dtype=np.float32))
    surface = basic_surface(dark, (0.5,), (3,))
    assert surface.pd is None
    assert surface.fa_per_mpx.tolist() == [[0.0]]


def test_it_looks_at_no_detection() -> None:
    frame = ScoredFrame("a", drawn((9, 9), {((4, 4),): 1}) > 0, drawn((9, 9), {((4, 4),): 0.8}))
    named = replace(frame, detections=points((1, 1, 0.9)))
    assert basic_surface(named, (0.5,), (3,)).matched.tolist() == [[1]]


def test_a_surface_needs_a_grid() -> None:
    frame = ScoredFrame("a", np.ones((2, 2), dtype=np.bool_), np.ones((2, 2), dtype=np.float32))
    with pytest.raises(ScoreError, match="at least one confidence and one distance"):
        basic_surface(frame, (), (3,))
