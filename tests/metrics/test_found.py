import numpy as np

from irstd.metrics.found import found_by_points, found_in_response
from tests.metrics.scenes import drawn, points, square


def test_components_of_a_response() -> None:
    response = drawn((9, 9), {((1, 1), (2, 2)): 0.6, ((1, 2),): 0.8, square(5, 5): 0.7})
    found = found_in_response(response, response > 0)
    assert found.points.tolist() == [[5 / 3, 4 / 3], [6.0, 6.0]]
    assert found.areas.tolist() == [3, 9]
    np.testing.assert_array_equal(found.scores, np.array([0.8, 0.7], dtype=np.float32))


def test_a_detection_owns_the_component_under_it() -> None:
    above = drawn((12, 12), {square(1, 1): 1, square(8, 8, 2): 1}) > 0
    found = found_by_points(points((2.4, 1.6, 0.9), (8.0, 9.0, 0.8), (5.0, 5.0, 0.7)), above)
    assert found.areas.tolist() == [9, 4, 1]  # the last has no pixel and counts one
    assert found.points.tolist() == [[2.4, 1.6], [8.0, 9.0], [5.0, 5.0]]
    assert found.scores.tolist() == [0.9, 0.8, 0.7]


def test_detections_in_one_component_share_its_pixels() -> None:
    above = drawn((3, 10), {tuple((1, column) for column in range(10)): 1}) > 0
    # Columns 0 to 4 are nearer to 2, columns 6 to 9 to 8; column 5 is as near to both and goes to the first.
    assert found_by_points(points((2, 1, 0.9), (8, 1, 0.8)), above).areas.tolist() == [6, 4]
    assert found_by_points(points((2, 1, 0.9), (2, 1, 0.8)), above).areas.tolist() == [10, 1]


def test_detections_outside_the_frame_or_without_any_response() -> None:
    above = drawn((3, 10), {((0, 0),): 1, ((2, 9),): 1}) > 0
    assert found_by_points(points((-3, 0, 0.9), (10, 2, 0.8), (0, 7, 0.7)), above).areas.tolist() == [1, 1, 1]
    assert found_by_points(points((1, 1, 0.9)), np.zeros((0, 0), dtype=np.bool_)).areas.tolist() == [1]
    assert len(found_by_points(points(), above)) == 0
