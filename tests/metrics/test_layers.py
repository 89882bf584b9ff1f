import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from irstd.labels.points import components_of
from irstd.labels.reaching import reaches
from irstd.metrics import ScoredFrame
from irstd.metrics.layers import found_in_response
from tests.metrics.scenes import VALUES, drawn, square, tiny_frames

GRID = np.array([*(k / 10 for k in range(1, 10)), 0.35], dtype=np.float32)


def assert_as_labelled_one_by_one(response: NDArray[np.float32]) -> None:
    found = found_in_response(response, GRID)
    assert (np.diff(found.layers) >= 0).all()
    for place, confidence in enumerate(GRID):
        mine, alone = found.layers == found.places[place], components_of(reaches(response, confidence))
        np.testing.assert_array_equal(found.points[mine], alone.points)
        np.testing.assert_array_equal(found.areas[mine], alone.areas)
        peaks = [response.ravel()[alone.pixels[alone.owners == i]].max() for i in range(len(alone.areas))]
        np.testing.assert_array_equal(found.scores[mine], peaks)


@settings(max_examples=60, deadline=None)
@given(tiny_frames(most=1))
def test_layers_are_those_labelled_one_by_one(frames: list[ScoredFrame]) -> None:
    assert_as_labelled_one_by_one(frames[0].response)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("size", [(31, 17), (1, 40), (40, 1)])
def test_layers_of_crowded_responses(size: tuple[int, int], share: float) -> None:
    random = np.random.default_rng(5)
    values = random.choice(np.array(VALUES), size)
    assert_as_labelled_one_by_one(np.where(random.random(size) < share, values, 0).astype(np.float32))


def test_nothing_touches_across_an_edge_or_from_layer_to_layer() -> None:
    response = drawn((4, 5), {((0, 4), (1, 0), (3, 4), (3, 0), (0, 0)): 1.0})
    found = found_in_response(response, np.array([0.2, 0.6], dtype=np.float32))
    assert found.points.tolist() == [[0.0, 0.5], [4.0, 0.0], [0.0, 3.0], [4.0, 3.0]]
    response[2, 2] = 0.3
    assert found_in_response(response, np.array([0.2, 0.6], dtype=np.float32)).areas.tolist() == [
        2,
        1,
        1,
        1,
        2,
        1,
        1,
        1,
        1,
    ]


def test_confidences_of_the_same_pixels_share_a_layer() -> None:
    found = found_in_response(drawn((9, 9), {square(3, 3): 0.55, ((4, 4),): 0.95}), GRID)
    assert found.areas.tolist() == [1, 9]
    assert found.places.tolist() == [1, 1, 1, 1, 1, 0, 0, 0, 0, 1]
