"""Hits in boxes, counted by hand."""

import numpy as np
import pytest

from benchmarks.boxes import by_clip, count, figures, resampled
from irstd.datasets.frame_tables import Moment
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.labels.detections import Detections

BOXES = np.array([[10.0, 10.0, 8.0, 8.0], [16.0, 10.0, 8.0, 8.0]])  # they overlap


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([], [0, 0, 2, 1]),
        ([[17, 14], [11, 14]], [2, 0, 0, 1]),  # the first is in both boxes, the second in one
        ([[11, 14], [12, 14], [13, 14]], [1, 0, 1, 1]),  # further ones in a box that is hit count as neither
        ([[14, 14], [40, 40], [50, 2]], [1, 2, 1, 1]),
    ],
)
def test_counts(points: list[list[float]], wanted: list[int]) -> None:
    assert count(np.reshape(np.array(points, dtype=np.float64), (-1, 2)), BOXES).tolist() == wanted
    assert count(np.zeros((3, 2)), np.zeros((0, 4))).tolist() == [0, 3, 0, 1]


def test_figures() -> None:
    assert figures(np.array([6, 2, 4, 10])).tolist() == pytest.approx([0.75, 0.6, 12 / 18, 0.2])
    assert figures(np.zeros(4, dtype=np.int64)).tolist() == [0, 0, 0, 0]


def sample(name: str, clip: str | None) -> Sample:
    frame, moment = np.zeros((64, 64), dtype=np.uint8), None if clip is None else Moment(clip, 0)
    return Sample(name, frame, np.array([[13.0, 13.0], [20.0, 13.0]]), boxes=BOXES, moment=moment)


def test_clips_are_resampled_whole() -> None:
    found = Detections(np.array([[11.0, 14.0]]), np.ones(1))
    samples = [sample("a", "one"), sample("b", "one"), sample("c", "two"), sample("d", None)]
    clips = by_clip(lambda _: found, samples)
    assert {name: own.tolist() for name, own in clips.items()} == {
        "one": [2, 0, 2, 2],
        "two": [1, 0, 1, 1],
        "d": [1, 0, 1, 1],
    }
    draws = resampled(clips, seed=0)
    assert draws.shape == (2000, 4)
    assert np.unique(draws[:, 1]).tolist() == [0.5]
    assert (draws == resampled(clips, seed=0)).all()


def test_a_frame_with_targets_and_no_box_is_no_background() -> None:
    bare = Sample("a", np.zeros((8, 8), dtype=np.uint8), np.array([[1.0, 1.0]]), boxes=np.zeros((0, 4)))
    with pytest.raises(DataError, match="without boxes"):
        by_clip(lambda _: Detections.none(), [bare])
