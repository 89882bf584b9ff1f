import numpy as np
import pytest

from irstd.frames import to_8bit
from irstd.frames.overlay import FOUND, TRUTH, Picture, draw_overlay
from irstd.labels.detections import Detections


def found(*points: tuple[float, float]) -> Detections:
    return Detections(points=np.array(points, dtype=np.float64).reshape(-1, 2), scores=np.full(len(points), 0.5))


def count(picture: Picture, color: tuple[int, int, int]) -> int:
    """Pixels of a line in `color`, thinned by antialiasing or not, on grey."""
    red, blue = picture[..., 0].astype(int), picture[..., 2].astype(int)
    return int((red - blue > 20).sum() if color == FOUND else (blue - red > 20).sum())


@pytest.mark.parametrize(
    ("size", "drawn"), [((128, 128), (512, 512)), ((100, 60), (600, 360)), ((300, 512), (300, 512))]
)
def test_small_frames_are_enlarged_by_a_whole_factor(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    picture = draw_overlay(frame, Detections.none())
    factor = drawn[0] // size[0]
    assert picture.dtype == np.uint8
    assert picture.shape == (*drawn, 3)
    for row, column in ((0, 0), (factor - 1, factor - 1)):
        assert (picture[row::factor, column::factor] == frame[..., None]).all()


def test_the_target_itself_stays_as_it_is() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8)
    plain = draw_overlay(frame, Detections.none())
    marked = draw_overlay(frame, found((60, 40)), np.array([(60.0, 40.0)]))
    around = (slice(4 * 36, 4 * 45), slice(4 * 56, 4 * 65))
    assert (marked[around] == plain[around]).all()
    assert (marked[: len(plain)] != plain).any()


def test_found_and_truth_have_their_own_colours_and_a_strip_says_so() -> None:
    frame = np.zeros((128, 128), dtype=np.uint8)
    without = draw_overlay(frame, found((60, 40)))
    assert count(without, FOUND) > 0
    assert count(without, TRUTH) == 0
    no_target = draw_overlay(frame, found((60, 40)), np.zeros((0, 2)))
    assert (no_target[:512] == without).all()
    assert no_target.shape[0] > 512
    assert count(no_target[:512], TRUTH) == 0
    assert count(no_target[512:], TRUTH) > 0
    assert count(draw_overlay(frame, found(), np.array([(60.0, 40.0)]))[:512], TRUTH) > 0


@pytest.mark.parametrize("point", [(0, 0), (127, 0), (0, 127), (127, 127), (64, 1), (64, 126), (1, 64), (126, 64)])
def test_the_score_is_written_whole_wherever_the_target_is(point: tuple[int, int]) -> None:
    frame = np.full((128, 128), 90, dtype=np.uint8)

    def text_pixels(where: tuple[float, float]) -> int:
        one, other = (
            draw_overlay(frame, Detections(np.array([where], dtype=np.float64), np.array([score])))
            for score in (0.00, 0.88)
        )
        return int((one != other).any(axis=2).sum())

    assert text_pixels(point) == text_pixels((64, 64))


def test_scores_of_neighbours_are_written_side_by_side() -> None:
    frame = np.zeros((128, 128), dtype=np.uint8)
    alone = [count(draw_overlay(frame, found(point)), FOUND) for point in ((30, 60), (30, 90))]
    both = draw_overlay(frame, found((30, 60), (30, 90)))
    assert count(both, FOUND) == sum(alone)


def test_frames_of_16_bit_and_of_three_channels() -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(7000, 9000, (600, 700)).astype(np.uint16)
    assert (draw_overlay(deep, Detections.none()) == to_8bit(deep)[..., None]).all()
    color = rng.integers(0, 256, (600, 700, 3)).astype(np.uint8)
    assert (draw_overlay(color, Detections.none()) == color).all()


def test_the_frame_given_is_not_drawn_on() -> None:
    color = np.full((600, 700, 3), 80, dtype=np.uint8)
    draw_overlay(color, found((30, 60)))
    assert (color == 80).all()


def test_a_narrow_frame_has_its_strip_too() -> None:
    picture = draw_overlay(np.zeros((512, 9), dtype=np.uint8), found((4, 60)), np.array([(4.0, 60.0)]))
    assert picture.shape[1] == 9
    assert picture.shape[0] > 512
