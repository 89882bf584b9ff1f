import numpy as np
import pytest

from irstd.frames import to_8bit
from irstd.frames.overlay import FALSE_ALARM, FOUND, HIT, MISS, Color, Judged, Picture, draw_overlay
from irstd.frames.visible import visible
from irstd.labels.detections import Detections


def found(*points: tuple[float, float]) -> Detections:
    return Detections(points=np.array(points, dtype=np.float64).reshape(-1, 2), scores=np.full(len(points), 0.5))


def judged(*hit: bool, missed: tuple[tuple[float, float], ...] = ()) -> Judged:
    return Judged(np.array(hit, dtype=np.bool_), np.array(missed, dtype=np.float64).reshape(-1, 2))


def count(picture: Picture, color: Color) -> int:
    """Pixels of a line in `color`, thinned by antialiasing or not, on grey."""
    pixels = picture.astype(float).reshape(-1, 3)
    pixels -= pixels.mean(axis=1, keepdims=True)
    wanted = np.array(color, dtype=float) - np.mean(color)
    lengths = np.maximum(np.linalg.norm(pixels, axis=1), 1e-9)
    alike = pixels @ wanted / (lengths * np.linalg.norm(wanted))
    return int(((alike > 0.99) & (lengths > 20)).sum())


@pytest.mark.parametrize(
    ("size", "drawn"), [((128, 128), (512, 512)), ((100, 60), (600, 360)), ((300, 512), (300, 512))]
)
def test_small_frames_are_enlarged_by_a_whole_factor(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    picture = draw_overlay(frame, Detections.none())
    factor = drawn[0] // size[0]
    assert picture.dtype == np.uint8
    assert picture.shape[0] > drawn[0]  # by the legend
    picture = picture[: drawn[0]]
    assert picture.shape == (*drawn, 3)
    for row, column in ((0, 0), (factor - 1, factor - 1)):
        assert (picture[row::factor, column::factor] == frame[..., None]).all()


@pytest.mark.parametrize("hit", [True, False])
def test_the_target_itself_stays_as_it_is(hit: bool) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8)
    plain = draw_overlay(frame, Detections.none())
    marked = draw_overlay(frame, found((60, 40)), judged(hit, missed=((60.0, 40.0),)))
    around = (slice(4 * 36, 4 * 45), slice(4 * 56, 4 * 65))
    assert (marked[around] == plain[around]).all()
    assert (marked[:512] != plain[:512]).any()


def test_hits_misses_and_false_alarms_have_their_own_colours_and_shapes_and_a_legend() -> None:
    frame = np.zeros((128, 128), dtype=np.uint8)
    kinds = {
        FOUND: draw_overlay(frame, found((60, 40))),
        HIT: draw_overlay(frame, found((60, 40)), judged(True)),
        FALSE_ALARM: draw_overlay(frame, found((60, 40)), judged(False)),
        MISS: draw_overlay(frame, found(), judged(missed=((60.0, 40.0),))),
    }
    for color, picture in kinds.items():
        for other in kinds:
            assert (count(picture[:512], other) > 0) == (other == color)
            # Where the truth is known, the legend has the three kinds, else the one.
            assert (count(picture[512:], other) > 0) == ((other == FOUND) == (color == FOUND))
    shapes = [(picture[:512] != draw_overlay(frame, found())[:512]).any(axis=2) for picture in kinds.values()]
    assert (shapes[0] == shapes[1]).all()  # found and hit: corners
    for first, second in ((1, 2), (1, 3), (2, 3)):
        assert (shapes[first] != shapes[second]).mean() > 0.005


def test_the_caption_is_in_the_strip() -> None:
    frame = np.zeros((128, 128), dtype=np.uint8)
    without, with_ = (draw_overlay(frame, found(), caption=text) for text in ("", "clip.mp4/000012"))
    assert (without[:512] == with_[:512]).all()
    assert (without[512:] != with_[512 : len(without)]).any()
    assert draw_overlay(frame, found(), caption="x" * 300).shape[1] == 512


def test_dim_frames_are_stretched_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    dim = (3 + rng.integers(0, 13, (64, 64))).astype(np.uint8)
    dim[30, 30] = 60
    seen = visible(dim)
    assert np.ptp(np.percentile(seen, (1, 99))) > 90
    assert seen[30, 30] == 255
    order = np.argsort(dim.ravel(), kind="stable")
    assert (np.diff(seen.ravel()[order].astype(int)) >= 0).all()
    broad = rng.integers(0, 256, (64, 64)).astype(np.uint8)
    assert (visible(broad) == broad).all()
    assert (visible(np.full((8, 8), 90, dtype=np.uint8)) == 26).all()


@pytest.mark.parametrize("point", [(0, 0), (127, 0), (0, 127), (127, 127), (64, 1), (64, 126), (1, 64), (126, 64)])
def test_the_score_is_written_whole_wherever_the_target_is(point: tuple[int, int]) -> None:
    frame = np.full((128, 128), 90, dtype=np.uint8)

    def text_pixels(where: tuple[float, float]) -> int:
        one, other = (
            draw_overlay(frame, Detections(np.array([where], dtype=np.float64), np.array([score])))
            for score in (0.00, 0.88)
        )
        return int((one != other)[:512].any(axis=2).sum())

    assert text_pixels(point) == text_pixels((64, 64))


def test_scores_of_neighbours_are_written_side_by_side() -> None:
    frame = np.zeros((128, 128), dtype=np.uint8)
    alone = [count(draw_overlay(frame, found(point))[:512], FOUND) for point in ((30, 60), (30, 90))]
    both = draw_overlay(frame, found((30, 60), (30, 90)))[:512]
    assert count(both, FOUND) == sum(alone)


def test_frames_of_16_bit_and_of_three_channels() -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(7000, 9000, (600, 700)).astype(np.uint16)
    assert (draw_overlay(deep, Detections.none())[:600] == to_8bit(deep)[..., None]).all()
    color = rng.integers(0, 256, (600, 700, 3)).astype(np.uint8)
    assert (draw_overlay(color, Detections.none())[:600] == color).all()


def test_the_frame_given_is_not_drawn_on() -> None:
    color = np.full((600, 700, 3), 80, dtype=np.uint8)
    draw_overlay(color, found((30, 60)))
    assert (color == 80).all()


def test_a_narrow_frame_has_its_strip_too() -> None:
    picture = draw_overlay(np.zeros((512, 9), dtype=np.uint8), found((4, 60)), judged(True))
    assert picture.shape[1] == 9
    assert picture.shape[0] > 512
