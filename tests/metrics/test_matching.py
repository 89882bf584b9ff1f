import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.metrics.matching import Near, Places, best, distances, limit, matched, near

Points = list[tuple[float, float]]


def pairs(truth: Points, found: Points, distance: float, areas: list[int] | None = None) -> set[tuple[int, int]]:
    together = near(_array(truth), _array(found), np.zeros(len(found), dtype=np.int64), distance)
    close = together[distances(together.offsets) <= limit(distance)]
    sizes = np.array(areas or [1] * len(found), dtype=np.int64)
    taken = close[matched(close, lambda contested: best(contested, sizes))]
    return set(zip(taken.true.tolist(), taken.found.tolist(), strict=True))


def _array(points: Points) -> NDArray[np.float64]:
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def test_the_most_pairs_come_first_where_greedy_finds_one() -> None:
    # The nearest pair of all is (6, 0)-(4, 0); taking it leaves (0, 0) and (10, 0) alone.
    assert pairs([(0, 0), (6, 0)], [(4, 0), (10, 0)], 5) == {(0, 0), (1, 1)}


def test_of_equally_many_pairs_the_least_total_distance() -> None:
    assert pairs([(0, 0), (2, 0)], [(2, 1), (0, 1)], 5) == {(0, 1), (1, 0)}
    assert pairs([(0, 0)], [(3, 0), (2, 0), (4, 0)], 5) == {(0, 1)}


def test_of_equal_distances_the_larger_target() -> None:
    assert pairs([(5, 5)], [(2, 5), (8, 5), (5, 2)], 5, areas=[4, 9, 1]) == {(0, 1)}


def test_a_larger_target_never_outweighs_a_nearer_one() -> None:
    assert pairs([(0, 0)], [(2.000001, 0), (2, 0)], 5, areas=[100_000, 1]) == {(0, 1)}


@pytest.mark.parametrize(("distance", "expected"), [(5, {(0, 0)}), (4, set()), (4.999, set())])
def test_exactly_the_distance_is_within(distance: float, expected: set[tuple[int, int]]) -> None:
    assert pairs([(10, 10)], [(13, 14)], distance) == expected


def test_exactly_the_distance_is_within_for_centroids_of_thirds() -> None:
    for start in range(60):
        x = start + 1 / 3
        assert pairs([(x, 2 / 3)], [(x + 3, 2 / 3)], 3) == {(0, 0)}
        assert pairs([(x, 2 / 3)], [(start + 10 / 3, 2 / 3)], 3) == {(0, 0)}


@pytest.mark.parametrize(("truth", "found"), [([], []), ([(1, 1)], []), ([], [(1, 1)]), ([(1, 1)], [(9, 9)])])
def test_nothing_to_match(truth: Points, found: Points) -> None:
    assert pairs(truth, found, 5) == set()


def test_one_to_one_among_many() -> None:
    random = np.random.default_rng(0)
    truth, found = random.random((30, 2)) * 40, random.random((500, 2)) * 40
    taken = pairs(truth.tolist(), found.tolist(), 3)
    assert len(taken) == 30
    assert len({row for row, _ in taken}) == len({column for _, column in taken}) == 30
    assert all(np.linalg.norm(truth[row] - found[column]) <= 3 for row, column in taken)


def test_layers_are_matched_apart() -> None:
    truth, found = _array([(0, 0), (30, 30)]), _array([(0, 1), (0, 2), (30, 31), (0, 3), (1, 0)])
    layers = np.array([0, 0, 0, 1, 2])
    together = near(truth, found, layers, 5)
    assert together.true.tolist() == [0, 0, 0, 0, 1]
    asked: list[list[int]] = []

    def first(contested: Near) -> Places:
        asked.append(contested.found.tolist())
        return np.array([0])

    # Only the layer in which a target has a choice is asked for, whole, and here gives its first pair.
    assert together[matched(together, first)].found.tolist() == [0, 3, 4]
    assert asked == [[0, 1, 2]]


def test_near_is_a_square_with_its_edge() -> None:
    around = _array([(5, 5), (-5, 5), (5.1, 0), (0, -5.1), (0, 0)])
    assert near(_array([(0, 0)]), around, np.zeros(5, dtype=np.int64), 5).found.tolist() == [0, 1, 4]
