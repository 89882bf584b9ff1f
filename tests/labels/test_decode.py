"""Response maps to points."""

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.decode import decode_points, ranked


def level_map() -> NDArray[np.float32]:
    return np.zeros((10, 12), dtype=np.float32)


def test_a_peak_moves_a_quarter_cell_toward_its_larger_neighbours() -> None:
    raw = level_map()
    raw[4, 5], raw[4, 4], raw[4, 6], raw[5, 5] = 0.9, 0.2, 0.3, 0.1
    found = decode_points(raw, 0.35, None, 8)
    assert found.points.tolist() == [[5.25, 4.25]]
    assert found.scores.tolist() == [pytest.approx(0.9)]


def test_neighbours_alike_leave_the_peak_where_it_is() -> None:
    raw = level_map()
    raw[4, 5], raw[4, 4], raw[4, 6] = 0.9, 0.2, 0.2
    assert decode_points(raw, 0.35, None, 8).points.tolist() == [[5.0, 4.0]]


@pytest.mark.parametrize(("x", "y"), [(0, 4), (1, 4), (11, 4), (5, 0), (5, 1), (5, 9), (0, 0)])
def test_a_peak_near_the_border_is_found_and_not_moved(x: int, y: int) -> None:
    raw = level_map()
    raw[y, x] = 0.9
    raw[y, min(x + 1, 11)] = max(raw[y, min(x + 1, 11)], 0.5)
    raw[min(y + 1, 9), x] = max(raw[min(y + 1, 9), x], 0.5)
    assert decode_points(raw, 0.35, None, 8).points.tolist() == [[x, y]]


def test_a_peak_two_cells_off_the_border_is_moved() -> None:
    raw = level_map()
    raw[2, 10], raw[2, 11], raw[1, 10] = 0.9, 0.5, 0.5
    assert decode_points(raw, 0.35, None, 8).points.tolist() == [[10.25, 1.75]]


def test_strongest_first_equal_ones_in_raster_order_and_at_most_so_many() -> None:
    raw = level_map()
    raw[1, 1], raw[1, 5], raw[5, 1], raw[8, 8] = 0.5, 0.9, 0.5, 0.4
    assert decode_points(raw, 0.4, None, 8).scores.round(3).tolist() == [0.9, 0.5, 0.5, 0.4]
    assert decode_points(raw, 0.4, None, 3).points.tolist() == [[5, 1], [1, 1], [1, 5]]


def test_the_threshold_itself_is_a_detection() -> None:
    raw = level_map()
    raw[4, 5] = 0.5
    assert len(decode_points(raw, 0.5, None, 8)) == 1
    assert len(decode_points(raw, 0.5001, None, 8)) == 0


def test_a_plateau_is_one_detection_at_its_middle() -> None:
    raw = level_map()
    raw[4, 5:8] = 0.9
    raw[5, 5] = 0.5
    assert decode_points(raw, 0.35, None, 8).points.tolist() == [[6.0, 4.0]]
    assert decode_points(np.ones((3, 5), dtype=np.float32), 0.35, None, 8).points.tolist() == [[2.0, 1.0]]


def test_a_cell_beside_a_larger_one_is_no_peak_and_no_part_of_a_plateau() -> None:
    raw = level_map()
    raw[4, 4:8] = (0.7, 0.9, 0.7, 0.7)
    # The last cell has nothing larger round it: a peak, though its left neighbour, which is none, equals it.
    assert decode_points(raw, 0.35, None, 8).points.tolist() == [[5.0, 4.0], [6.75, 4.0]]


def test_the_relative_rule_drops_what_is_far_below_the_strongest() -> None:
    scores = np.array([0.66, 1.0, 0.64, 0.5])
    assert ranked(scores, 0.35, 8).tolist() == [1, 0]
    assert ranked(scores, None, 8).tolist() == [1, 0, 2, 3]
    assert ranked(scores, 0.35, 1).tolist() == [1]
    assert ranked(np.zeros(0), 0.35, 8).tolist() == []


def test_scores_are_ranked_raw_and_clipped_at_the_end() -> None:
    raw = level_map()
    raw[1, 1], raw[5, 5] = 1.02, 1.05
    found = decode_points(raw, 0.35, None, 8)
    assert found.points.tolist() == [[5, 5], [1, 1]]
    assert found.scores.tolist() == [1.0, 1.0]


def test_no_peak_gives_no_detection() -> None:
    found = decode_points(level_map(), 0.1, 0.35, 8)
    assert (found.points.shape, found.scores.shape) == ((0, 2), (0,))


def test_maps_that_cannot_be_decoded_are_refused() -> None:
    with pytest.raises(ScoreError, match=r"must be \(h, w\), got shape \(1, 4, 4\)"):
        decode_points(np.zeros((1, 4, 4), dtype=np.float32), 0.5, None, 8)
    with pytest.raises(ScoreError, match="holds NaN"):
        decode_points(np.full((4, 4), np.nan, dtype=np.float32), 0.5, None, 8)


def test_a_peak_moves_to_the_centroid_of_what_exceeds_a_share_of_it() -> None:
    raw = level_map()
    raw[4, 5], raw[4, 6], raw[5, 5], raw[4, 3] = 0.8, 0.4, 0.3, 0.2  # the last is below the share
    found = decode_points(raw, 0.35, None, 8, centre="centroid")
    assert found.points[0].tolist() == pytest.approx([5.0 + 0.4 / 1.5, 4.0 + 0.3 / 1.5], abs=1e-6)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (11, 9), (0, 4)])
def test_a_centroid_at_the_border_stays_on_the_map(x: int, y: int) -> None:
    raw = level_map()
    raw[y, x] = 0.9
    assert decode_points(raw, 0.35, None, 8, centre="centroid").points.tolist() == [[x, y]]


def test_a_peak_below_0_has_no_centroid() -> None:
    raw = level_map() - 1.0
    raw[4, 5] = -0.5
    assert decode_points(raw, -0.6, None, 8, centre="centroid").points.tolist() == [[5.0, 4.0]]
