"""Points to pixels, and the whole way round."""

import numpy as np
from numpy.typing import NDArray

from irstd.frames import map_deep, read_image, read_mask, to_8bit
from irstd.labels.components import detections_from_response
from irstd.labels.decode import decode_points
from irstd.labels.detections import Detections
from irstd.labels.extent import RULE, ExtentRule, masks_from_points, response_from_points
from irstd.labels.points import points_from_mask
from irstd.labels.response import prps_response
from tests.frames.skies import faint_sky
from tests.shared import SHARED, needs_shared


def scene(level: int = 50) -> NDArray[np.uint8]:
    return np.full((64, 64), level, dtype=np.uint8)


def found(points: list[tuple[float, float]], scores: list[float]) -> Detections:
    return Detections(points=np.array(points, dtype=np.float64).reshape(-1, 2), scores=np.array(scores))


def test_pixels_above_the_fraction_of_the_peak_carry_the_score() -> None:
    image = scene()
    image[30, 29:33] = (110, 150, 86, 85)  # 100 over the background at the peak: 86 is in, 85 is not
    response = response_from_points(image, found([(30.4, 30.2)], [0.7]))
    assert np.argwhere(response > 0).tolist() == [[30, 29], [30, 30], [30, 31]]
    assert set(np.unique(response)) == {np.float32(0.0), np.float32(0.7)}


def test_only_pixels_connected_to_the_peak_count() -> None:
    image = scene()
    image[30, 30] = image[31, 31] = image[30, 34] = 150
    assert masks_from_points(image, np.array([[30.0, 30.0]])).sum() == 2


def test_the_window_bounds_the_target() -> None:
    image = scene()
    image[30, 10:50] = 150
    columns = np.flatnonzero(masks_from_points(image, np.array([[30.0, 30.0]]))[30])
    assert (columns[0], columns[-1]) == (30 - RULE.reach_px, 30 + RULE.reach_px)


def test_the_peak_is_looked_for_near_the_point() -> None:
    image = scene()
    image[30, 30] = 150
    assert masks_from_points(image, np.array([[32.0, 28.0]])).nonzero()[0].tolist() == [30]
    beyond = masks_from_points(image, np.array([[33.0, 30.0]]))
    assert np.argwhere(beyond).tolist() == [[30, 33]]


def test_a_detection_where_nothing_stands_out_keeps_its_own_pixel() -> None:
    for image in (scene(), scene(0)):
        response = response_from_points(image, found([(10.6, 20.4), (63.0, 0.0), (80.0, -7.0)], [0.5, 0.25, 0.75]))
        assert response[20, 11] == 0.5
        assert response[0, 63] == 0.75  # the one off the image marks the nearest pixel
        assert (response > 0).sum() == 2


def test_where_detections_meet_the_larger_score_stays() -> None:
    image = scene()
    image[30, 30:33] = 150
    for order in ([0.9, 0.4], [0.4, 0.9]):
        response = response_from_points(image, found([(30, 30), (32, 30)], order))
        assert (response[30, 30:33] == np.float32(0.9)).all()


def test_colour_frames_are_taken_by_their_luma_and_small_frames_work() -> None:
    image = np.full((5, 6, 3), 20, dtype=np.uint8)
    image[2, 3] = 200
    assert np.argwhere(masks_from_points(image, np.array([[3.0, 2.0]]))).tolist() == [[2, 3]]


def test_no_detection_gives_an_empty_response() -> None:
    response = response_from_points(scene(), Detections.none())
    assert response.shape == (64, 64)
    assert response.dtype == np.float32
    assert not response.any()


def test_constants_are_arguments() -> None:
    image = scene()
    image[30, 30:32] = (150, 100)
    assert masks_from_points(image, np.array([[30.0, 30.0]]), ExtentRule(fraction=0.6)).sum() == 1


def test_masks_to_points_to_responses_to_detections_to_masks() -> None:
    image = scene(20)
    mask = np.zeros((64, 64), dtype=bool)
    for row, column in ((12, 16), (40, 44)):
        mask[row - 1 : row + 2, column - 1 : column + 2] = True
        image[row - 1 : row + 2, column - 1 : column + 2] = 120
        image[row, column] = 200
    points = points_from_mask(mask)
    assert points.tolist() == [[16.0, 12.0], [44.0, 40.0]]
    decoded = decode_points(prps_response(image, points), 0.35, None, 64)
    assert (decoded.points * 4).tolist() == points.tolist()
    response = response_from_points(image, Detections(decoded.points * 4, decoded.scores))
    assert (response == mask).all()
    again = detections_from_response(response, 0.5, None, 64)
    assert again.points.tolist() == points.tolist()


@needs_shared
def test_true_points_reach_the_ceiling_that_the_definition_was_frozen_at() -> None:
    root = SHARED / "open-sirst-v1"
    inter = union = 0
    for name in (root / "splits" / "train_v1.txt").read_text().split()[::4]:
        mask = read_mask(root / "annotations" / "masks" / f"{name}_pixels0.png")
        image = to_8bit(read_image(root / "mixed" / f"{name}.png"))
        pseudo = masks_from_points(image, points_from_mask(mask))
        inter, union = inter + int((mask & pseudo).sum()), union + int((mask | pseudo).sum())
    assert inter / union > 0.65


def test_targets_of_a_deep_sky_get_the_pixels_they_get_in_its_8_bit_twin() -> None:
    sky = faint_sky()
    deep, twin = (masks_from_points(frame, sky.points) for frame in (map_deep(sky.deep), sky.twin))
    assert (deep & twin).sum() > 0.9 * (deep | twin).sum()
