import numpy as np

from irstd.labels.detections import Detections
from irstd.metrics.found import found_by_points, owned
from irstd.metrics.layers import found_in_response
from tests.metrics.scenes import drawn, points, square


def confidences(*values: float) -> np.typing.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def test_components_of_a_response() -> None:
    response = drawn((9, 9), {((1, 1), (2, 2)): 0.6, ((1, 2),): 0.8, square(5, 5): 0.7})
    found = found_in_response(response, confidences(0.1))
    assert found.points.tolist() == [[5 / 3, 4 / 3], [6.0, 6.0]]
    assert found.areas.tolist() == [3, 9]
    np.testing.assert_array_equal(found.scores, confidences(0.8, 0.7))


def test_sums_stand_at_each_confidence() -> None:
    response = drawn((9, 9), {((1, 1), (2, 2)): 0.6, ((1, 2),): 0.8, square(5, 5): 0.7})
    found = found_in_response(response, confidences(0.9, 0.1, 0.65, 0.2))
    assert found.sums(found.areas).tolist() == [0, 12, 10, 12]
    assert found.sums(np.ones_like(found.areas)).tolist() == [0, 2, 2, 2]
    assert len(found.areas) == 4  # 0.1 and 0.2 share theirs


def test_a_detection_owns_the_component_under_it() -> None:
    above = drawn((12, 12), {square(1, 1): 1, square(8, 8, 2): 1}) > 0
    found = points((2.4, 1.6, 0.9), (8.0, 9.0, 0.8), (5.0, 5.0, 0.7))
    assert owned(found.points, above).tolist() == [9, 4, 1]  # the last has no pixel and counts one


def test_detections_in_one_component_share_its_pixels() -> None:
    above = drawn((3, 10), {tuple((1, column) for column in range(10)): 1}) > 0
    # Columns 0 to 4 are nearer to 2, columns 6 to 9 to 8; column 5 is as near to both and goes to the first.
    assert owned(points((2, 1, 0.9), (8, 1, 0.8)).points, above).tolist() == [6, 4]
    assert owned(points((2, 1, 0.9), (2, 1, 0.8)).points, above).tolist() == [10, 1]


def test_detections_outside_the_frame_or_without_any_response() -> None:
    above = drawn((3, 10), {((0, 0),): 1, ((2, 9),): 1}) > 0
    assert owned(points((-3, 0, 0.9), (10, 2, 0.8), (0, 7, 0.7)).points, above).tolist() == [1, 1, 1]
    assert owned(points((1, 1, 0.9)).points, np.zeros((0, 0), dtype=np.bool_)).tolist() == [1]
    assert len(owned(points().points, above)) == 0


def test_detections_at_each_confidence_in_px_of_the_frame() -> None:
    response = drawn((30, 40), {square(20, 30): 0.6, ((21, 31),): 0.9})
    both, one = points((31, 21, 0.9), (3, 4, 0.3)), points((31, 21, 0.9))
    found = found_by_points(response, confidences(0.1, 0.2, 0.5, 0.7, 0.8), [both, both, one, one, Detections.none()])
    assert found.places.tolist() == [0, 0, 1, 2, 3]
    assert found.layers.tolist() == [0, 0, 1, 2]
    assert found.areas.tolist() == [9, 1, 9, 1]
    assert found.points.tolist() == [[31, 21], [3, 4], [31, 21], [31, 21]]
    assert found.sums(found.areas).tolist() == [10, 10, 9, 1, 0]


def test_the_same_points_with_other_scores_are_other_targets() -> None:
    response = drawn((9, 9), {square(3, 3): 0.9})
    found = found_by_points(response, confidences(0.1, 0.5), [points((4, 4, 0.9)), points((4, 4, 0.6))])
    assert found.scores.tolist() == [0.9, 0.6]
