import numpy as np
import pytest

from irstd.errors import ScoreError
from irstd.labels.centres import decode_centres, draw_centres

NO_OFFSET = np.zeros((2, 12, 16), dtype=np.float32)


def test_no_target_is_a_label_of_zeros() -> None:
    assert not draw_centres(np.zeros((0, 2)), (6, 8)).any()


def test_a_centre_is_1_in_its_cell_and_its_offset_is_learned_round_it() -> None:
    response, across, down, learned = draw_centres(np.array([(4.25, 2.75)]), (6, 8))
    assert (response == 1.0).sum() == 1
    assert response[3, 4] == 1.0
    assert response[3, 5] == pytest.approx(np.exp(-(0.75**2 + 0.25**2) / 2))
    assert learned.sum() == 9
    assert (across[3, 4], down[3, 4]) == (0.25, -0.25)
    assert (across[2, 5], down[2, 5]) == (-0.75, 0.75)


def test_a_cell_between_two_centres_learns_the_offset_of_the_nearer() -> None:
    _, across, _, learned = draw_centres(np.array([(4.0, 2.0), (6.4, 2.0)]), (6, 12))
    assert learned[2, 3:8].tolist() == [1.0] * 5
    assert across[2, 5] == -1.0
    assert across[2, 6] == pytest.approx(0.4)


@pytest.mark.parametrize("point", [(0.0, 0.0), (-0.4, 11.3), (15.2, 0.1), (15.4, 11.4)])
def test_a_centre_at_the_border_is_drawn_and_found_again(point: tuple[float, float]) -> None:
    layers = draw_centres(np.array([point]), (12, 16))
    found = decode_centres(layers[0], layers[1:3], 0.5, None, 64)
    assert found.points.tolist() == [pytest.approx(point, abs=1e-6)]


def test_points_come_back_from_their_label() -> None:
    points = np.array([(3.3, 2.1), (11.75, 8.25), (9.1, 2.9)])
    layers = draw_centres(points, (12, 16))
    found = decode_centres(layers[0], layers[1:3], 0.9, None, 64)
    assert sorted(found.points.round(5).tolist()) == sorted(points.tolist())
    assert found.scores.tolist() == [1.0, 1.0, 1.0]


def test_one_peak_stays_within_two_cells() -> None:
    scores = np.zeros((12, 16), dtype=np.float32)
    scores[5, 5], scores[5, 7], scores[5, 8] = 0.9, 0.8, 0.7
    assert decode_centres(scores, NO_OFFSET, 0.1, None, 64).points.tolist() == [[5.0, 5.0]]
    scores[5, 8] = 0.85
    assert decode_centres(scores, NO_OFFSET, 0.1, None, 64).points.tolist() == [[5.0, 5.0], [8.0, 5.0]]


def test_offsets_are_bounded() -> None:
    scores = np.zeros((12, 16), dtype=np.float32)
    scores[5, 5] = 1.0
    assert decode_centres(scores, NO_OFFSET + 9.0, 0.1, None, 64).points.tolist() == [[7.0, 7.0]]


def test_a_map_with_nan_is_refused() -> None:
    scores = np.full((12, 16), np.nan, dtype=np.float32)
    with pytest.raises(ScoreError):
        decode_centres(scores, NO_OFFSET, 0.1, None, 64)
