"""The rule fires on frames that are others and is silent on frames that are not."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.drift.compare import Drift, detect_drift, split_distances, two_sample_distance
from irstd.drift.figures import ANSWERS, PICTURES, Measured, measure_frames
from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.settings.drift import DriftRule

RULE = DriftRule(splits=200)
Levels = NDArray[np.float64]


def scene(seed: int, noise: float = 1.5, gain: float = 1.0) -> NDArray[np.uint8]:
    """A frame of 48×64 px: its own ground, slope and lumps, and white noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:48, :64]
    levels = rng.uniform(60, 100) + rng.uniform(-0.5, 0.5) * rows + rng.uniform(-0.5, 0.5) * columns
    for x, y, height in zip(rng.uniform(0, 64, 6), rng.uniform(0, 48, 6), rng.uniform(5, 20, 6), strict=True):
        levels = levels + height * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18.0)
    seen = gain * (levels - 80) + 80 + noise * rng.uniform(0.8, 1.2) * rng.standard_normal(levels.shape)
    return np.asarray(np.clip(np.rint(seen), 0, 255), dtype=np.uint8)


def brightest(frame: Frame) -> Detections:
    """A detector: one point, its score the height of the brightest pixel over the mean."""
    row, column = divmod(int(frame.argmax()), frame.shape[1])
    score = min(float(frame.max() - frame.mean()) / 100.0, 1.0)
    return Detections(np.array([[column, row]], dtype=np.float64), np.array([score]))


KNOWN = measure_frames([scene(seed) for seed in range(120)], brightest)


def drift_of(make: Callable[[int], Frame], count: int = 40) -> Drift:
    return detect_drift(KNOWN.values, measure_frames([make(1000 + i) for i in range(count)], brightest), RULE, 7)


def moved(drift: Drift) -> set[str]:
    return {shift.statistic for shift in drift.shifts if shift.moved}


def test_a_held_out_half_has_not_drifted() -> None:
    drift = drift_of(scene, 60)
    assert (drift.advised, moved(drift)) == (False, set())
    assert (drift.frames, drift.scenes) == (60, 60)
    assert {shift.statistic for shift in drift.shifts} == {*PICTURES, *ANSWERS}


def test_twice_the_noise_fires_and_says_so() -> None:
    drift = drift_of(lambda seed: scene(seed, noise=3.0))
    assert drift.advised
    assert "noise" in moved(drift)
    assert "level" not in moved(drift)
    assert "noise" in str(drift)
    noise = next(shift for shift in drift.shifts if shift.statistic == "noise")
    assert noise.new / noise.known == pytest.approx(2.0, rel=0.1)


def test_another_gain_fires() -> None:
    assert {"contrast", "noise"} - moved(drift_of(lambda seed: scene(seed, gain=1.8, noise=2.7))) == set()


def test_a_detector_that_answers_otherwise_fires_by_itself() -> None:
    frames = [scene(1000 + i) for i in range(40)]
    blind = measure_frames(frames, lambda _frame: Detections.none())
    assert moved(detect_drift(KNOWN.values, blind, RULE, 7)) == {"detections", "score"}


def test_the_risk_holds_where_nothing_moves() -> None:
    rng = np.random.default_rng(0)
    rule = DriftRule(alpha=0.1, distance=0.0, splits=100)
    fired = 0
    for seed in range(15):
        known = {name: rng.normal(size=80) for name in PICTURES}
        new = Measured(20, {name: rng.normal(size=20) for name in PICTURES})
        fired += bool(detect_drift(known, new, rule, seed).advised)
    assert fired <= 0.2 * 15  # 0.1 in the mean; the splits' own parts are the smaller ones, which errs on this side


def test_frames_of_one_sequence_are_one_scene() -> None:
    still = scene(5)
    sequence = measure_frames([np.asarray(still + (i % 2), dtype=np.uint8) for i in range(30)])
    assert (sequence.frames, sequence.scenes) == (30, 1)
    drift = detect_drift(KNOWN.values, sequence, RULE, 7)
    assert drift.advised is None
    assert (drift.frames, drift.scenes) == (30, 1)


def test_small_differences_do_not_count_however_many_scenes() -> None:
    rng = np.random.default_rng(1)
    known, new = {"noise": rng.normal(size=3000)}, Measured(3000, {"noise": rng.normal(0.3, size=3000)})
    assert detect_drift(known, new, DriftRule(distance=0.0, splits=200), 7).advised
    assert not detect_drift(known, new, DriftRule(splits=200), 7).advised


def test_nothing_to_compare_says_nothing() -> None:
    assert detect_drift({}, Measured(0, {}), RULE, 7).advised is None
    assert measure_frames([]).scenes == 0


def test_the_distance_is_the_largest_gap_of_the_shares() -> None:
    assert two_sample_distance(np.array([1.0, 2.0, 2.0, 5.0]), np.array([2.0, 6.0])) == pytest.approx(0.5)
    assert two_sample_distance(np.array([1.0, 2.0]), np.array([3.0])) == 1.0
    assert two_sample_distance(np.array([1.0, 2.0]), np.array([2.0, 1.0])) == 0.0


def test_the_distances_of_splits_are_those_of_two_parts() -> None:
    values = np.array([1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 7.0])
    every = [
        two_sample_distance(values[list(part)], np.delete(values, part)) for part in itertools.combinations(range(7), 3)
    ]
    found = split_distances(values, 3, 1000, np.random.default_rng(3))
    assert sorted(found) == pytest.approx(sorted(every))  # 35 splits, fewer than were asked for
    few = split_distances(values, 3, 20, np.random.default_rng(3))
    assert len(few) == 20
    assert {round(each, 9) for each in few} <= {round(each, 9) for each in every}
    assert few.tolist() == split_distances(values, 3, 20, np.random.default_rng(3)).tolist()


def test_noise_of_a_flat_and_of_a_sloping_frame_is_its_own() -> None:
    rng = np.random.default_rng(4)
    slope = np.add.outer(np.arange(128), np.arange(128)) / 4.0 + 60.0
    frame = np.asarray(np.rint(slope + 3.0 * rng.standard_normal((128, 128))), dtype=np.uint8)
    assert measure_frames([frame]).values["noise"][0] == pytest.approx(3.0, rel=0.05)
    assert measure_frames([np.full((32, 32), 90, dtype=np.uint8)]).values["noise"][0] == 0.0
