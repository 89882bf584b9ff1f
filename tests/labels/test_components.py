"""Responses to detections by components."""

import numpy as np
import pytest

from irstd.errors import ScoreError
from irstd.labels.components import detections_from_response


def test_components_give_their_centroids_and_largest_responses() -> None:
    response = np.zeros((8, 9), dtype=np.float32)
    response[1, 1:3] = (0.5, 0.6)
    response[5, 5], response[6, 6] = 0.75, 0.9  # they touch at a corner
    response[0, 8] = 0.49
    found = detections_from_response(response, 0.5, None, 64)
    assert found.points.tolist() == [[5.5, 5.5], [1.5, 1.0]]
    assert found.scores.tolist() == pytest.approx([0.9, 0.6])


def test_at_most_so_many_and_the_relative_rule() -> None:
    response = np.zeros((1, 9), dtype=np.float32)
    response[0, ::2] = (0.6, 0.7, 0.8, 0.9, 1.0)
    assert detections_from_response(response, 0.5, None, 2).points[:, 0].tolist() == [8, 6]
    assert detections_from_response(response, 0.5, 0.25, 64).points[:, 0].tolist() == [8, 6, 4]


def test_nothing_above_the_threshold_gives_no_detection() -> None:
    assert len(detections_from_response(np.zeros((4, 4), dtype=np.float32), 0.1, None, 64)) == 0


@pytest.mark.parametrize("value", [-0.1, 1.05, np.nan])
def test_a_response_outside_0_to_1_is_refused(value: float) -> None:
    with pytest.raises(ScoreError, match=r"must lie in \[0, 1\]"):
        detections_from_response(np.full((4, 4), value, dtype=np.float32), 0.1, None, 64)


def test_a_response_with_channels_is_refused() -> None:
    with pytest.raises(ScoreError, match=r"must be \(H, W\), got shape \(1, 4, 4\)"):
        detections_from_response(np.zeros((1, 4, 4), dtype=np.float32), 0.1, None, 64)
